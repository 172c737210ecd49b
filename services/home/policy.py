"""The numbers home runs on; a network may override each in its policy file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Units are in the names; (d) marks a default of ours with no confirmed source."""

    # Rows of work on one page (d).
    work_rows: int = 25
    # Days before the agreed end of a support on which planning the ending appears on the peer's list (d).
    ending_notice_days: int = 28
    # Days before a partner's agreement ends on which renewing it appears on the network lead's list (d).
    agreement_notice_days: int = 60
    # People shown of each kind on the first demo page, and rows on a page of all of them (d).
    demo_first_rows: int = 3
    demo_rows: int = 30
    # Looks on one page of "who has looked at my record", and the newest that are kept in sight (d).
    record_rows: int = 25
    record_most: int = 2000
