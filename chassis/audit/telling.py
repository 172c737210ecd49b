"""What is told of the audit trail: who was shown to whom, in the transaction of its rows, and the chain's head."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.audit import heads
from chassis.audit.heads import Head, Signer
from chassis.boundary import NETWORK
from chassis.database import Database
from chassis.tables import audit, audit_heads
from chassis.unit import Unit

# Between two heads of a room.
HOURLY = timedelta(hours=1)
# Of one page; a fact stays small enough for any carrier.
_MOST_SUBJECTS = 500
_MOST_KEPT = 100_000
_NOT_TOLD = frozenset({"service", "nobody"})
Key = tuple[str, str | None, str, bool, str]

_LAST_ROW = (
    sa.select(audit.c.place, audit.c.sequence, audit.c.hash)
    .where(audit.c.place.is_not(None))
    .order_by(audit.c.place.desc())
    .limit(1)
)
_LAST_HEAD = sa.select(audit_heads.c.at).order_by(audit_heads.c.number.desc()).limit(1)
_UNFILED = sa.select(audit_heads).where(audit_heads.c.filed_at.is_(None)).order_by(audit_heads.c.number)


@dataclass(frozen=True)
class AuditFacts:
    """The facts a room hands in for what its audit trail tells: `seen`, `head` and `spent` make one from what is known.

    `spent` is of an account that was shown as much as it is in an hour (chassis/budget.py).
    """

    seen: Callable[..., Any]
    head: Callable[..., Any]
    kinds: tuple[type, ...]
    spent: Callable[..., Any]


class SeenLately:
    """What this process told on in this hour: the same look again is on record, and is not told again."""

    def __init__(self) -> None:
        self._hour: datetime | None = None
        self._keys: set[Key] = set()

    def new(self, now: datetime, keys: Iterable[Key]) -> list[Key]:
        """Those not told on yet in this hour."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour or len(self._keys) > _MOST_KEPT:
            self._hour, self._keys = hour, set()
        return [key for key in dict.fromkeys(keys) if key not in self._keys]

    def keep(self, keys: Iterable[Key]) -> None:
        """Keeps what was told on, once that is committed."""
        self._keys.update(keys)


def tell_seen(unit: Unit, facts: AuditFacts, lately: SeenLately) -> list[Key]:
    """States whose record was shown to whoever knocks; gives what is to be kept in mind once it is committed.

    What a service does itself is shown to nobody.
    """
    if not unit.disclosed or unit.who.kind in _NOT_TOLD:
        return []
    keys = lately.new(
        unit.now, ((unit.who.id, unit.purpose, one.kind, one.is_opened, one.subject) for one in unit.disclosed)
    )
    groups: dict[tuple[str, bool], list[str]] = {}
    for _, _, kind, is_opened, subject in keys:
        groups.setdefault((kind, is_opened), []).append(subject)
    for (kind, is_opened), subjects in groups.items():
        for start in range(0, len(subjects), _MOST_SUBJECTS):
            fact = facts.seen(
                subject_ids=tuple(subjects[start : start + _MOST_SUBJECTS]), subject_kind=kind, by_id=unit.who.id,
                roles=tuple(sorted(unit.who.roles)), partner_id=unit.who.partner_id, action=unit.purpose or "",
                is_opened=is_opened, seen_at=unit.now,
            )  # fmt: skip
            unit.state(f"{unit.service}/seen/{unit.who.id}", fact)
    return keys


def tell_spent(unit: Unit, facts: AuditFacts) -> None:
    """States that whoever knocks was refused more lists."""
    fact = facts.spent(
        by_id=unit.who.id, roles=tuple(sorted(unit.who.roles)), partner_id=unit.who.partner_id, refused_at=unit.now
    )
    unit.state(f"{unit.service}/seen/{unit.who.id}", fact)


def publish_head(unit: Unit, signer: Callable[[], Signer], facts: AuditFacts) -> bool:
    """Signs, keeps and states the head of the chain when an hour has passed since the last; false when not."""
    last_at = unit.connection.execute(_LAST_HEAD).scalar()
    if last_at is not None and unit.now - last_at < HOURLY:
        return False
    row = unit.connection.execute(_LAST_ROW).first()
    if row is None:
        return False
    head = signer().sign(Head(unit.service, int(row.place), int(row.sequence), str(row.hash), unit.now))
    columns = {name: getattr(head, name) for name in ("place", "sequence", "hash", "key_id", "public_key", "signature")}
    unit.connection.execute(sa.insert(audit_heads).values(at=head.at, filed_at=None, **columns))
    unit.state(f"{unit.service}/audit/heads", facts.head(room=unit.service, published_at=head.at, **columns))
    return True


def file_heads(database: Database, room: str, folder: Path, now: datetime) -> int:
    """Adds heads that are not there yet to the operator's folder; gives how many. One may stand there twice."""
    with database.reading(NETWORK) as connection:
        rows = connection.execute(_UNFILED).all()
    if not rows:
        return 0
    heads.append(folder, [head_of(row, room) for row in rows])
    with database.writing(NETWORK) as connection:
        filed = sa.update(audit_heads).where(audit_heads.c.number <= rows[-1].number, audit_heads.c.filed_at.is_(None))
        connection.execute(filed.values(filed_at=now))
    return len(rows)


def kept_head(row: Any) -> Head:
    """A head of another room, as it was heard and kept."""
    return Head(
        row.room, row.place, row.sequence, row.hash, row.published_at, row.key_id, row.public_key, row.signature
    )


def head_of(row: Any, room: str) -> Head:
    """A head as the room itself kept it."""
    return Head(room, row.place, row.sequence, row.hash, row.at, row.key_id, row.public_key, row.signature)
