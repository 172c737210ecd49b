"""What ties each audit row to the one before it: a hash of every column, the row's place, and the hash before.

The same on SQLite and PostgreSQL: moments as UTC to the microsecond, text as UTF-8 with its length before it, and what
is empty unlike what is not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# Every column but the hash itself, in the order in which they are hashed; never changed without a new form.
COLUMNS = (
    "place", "sequence", "at", "who_kind", "who_id", "roles", "partner_id", "purpose", "action", "outcome", "rule",
    "subject_kind", "subject", "record", "request_id", "correlation_id",
)  # fmt: skip
_FORM = "beenthere audit 1"


def first(room: str) -> str:
    """What stands before the first row of a room: no row of another room's chain fits here."""
    return hashlib.sha256(f"{_FORM}|{room}".encode()).hexdigest()


def hash_of(before: str, row: Mapping[str, Any]) -> str:
    """The hash of a row that has its place, after the row whose hash is `before`."""
    made = hashlib.sha256(before.encode())
    for name in COLUMNS:
        made.update(_written(row[name]))
    return made.hexdigest()


def _written(value: Any) -> bytes:
    if value is None:
        return b"-"
    is_moment = isinstance(value, datetime)
    body = (value.astimezone(UTC).isoformat(timespec="microseconds") if is_moment else str(value)).encode()
    return b"%d:%b" % (len(body), body)
