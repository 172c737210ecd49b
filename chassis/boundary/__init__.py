"""The boundary every database keeps by itself: the partner a transaction is bound to, said once, as it begins.

It is a second net. The first is each read's own predicate, made of the scope of whoever knocks; this one catches a read
that forgot it. PostgreSQL holds it by row-level security (policies.py); SQLite has none, so there each statement is
looked at before it runs (statements.py). docs/decisions/0027 says why it is as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chassis.errors import Misbuilt

# What a transaction is bound to when it is no one partner's: the network's own work, or nobody's.
NETWORK = "network"
NOBODY = ""
# A table with this column is guarded, whichever room it stands in.
COLUMN = "partner_id"
SETTING = "app.partner"
# Guarded tables to which every transaction may add, and why; to read and change them takes the boundary as ever.
ADDED_BY_ALL: Mapping[str, str] = {"audit": "whoever is refused leaves a row, also before anybody is known to knock"}
_FIT = re.compile(r"[A-Za-z0-9_-]{1,36}")
_SETS = re.compile(r"set_config|(?:^|;)\s*set\s+(?:local\s+|session\s+)?(?:[\"']?app\.|role\b)", re.IGNORECASE)


class PartnerUnfit(Misbuilt):
    """A transaction cannot be bound to this."""

    says = "A transaction is bound to a partner's id, to the network or to nobody; this is none of them."


class BoundAnew(Misbuilt):
    """What a transaction is bound to is said when it begins, and never again."""

    says = (
        "What a transaction is bound to is said as it begins (Database.reading and writing), never by a statement in"
        " it: what a savepoint sets stays when it is released, and a session keeps what was set for somebody else."
    )


def begin_words(bound_to: str, *, is_reading: bool) -> bytes:
    """How PostgreSQL is told, in one round trip, that a transaction begins and whom it is bound to.

    Without a partner nothing is set and no guarded row is there. SET LOCAL ends with the transaction.
    """
    check_fit(bound_to)
    begins = "BEGIN READ ONLY" if is_reading else "BEGIN"
    return (f"{begins}; SET LOCAL {SETTING} = '{bound_to}'" if bound_to else begins).encode()


def check_fit(bound_to: str) -> None:
    """Refuses (PartnerUnfit) what is neither an id, nor the network, nor nobody."""
    if bound_to != NOBODY and not _FIT.fullmatch(bound_to):
        raise PartnerUnfit()


def check_sets_nothing(statement: str) -> None:
    """Refuses (BoundAnew) a statement that would bind its transaction to somebody else."""
    if _SETS.search(statement):
        raise BoundAnew()
