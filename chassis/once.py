"""The same request twice makes one thing: the first answer is kept by door, asker and key, as long as the record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.crashpoints import hit
from chassis.errors import Invalid
from chassis.sealing import Ring
from chassis.tables import answers
from chassis.unit import Unit

if TYPE_CHECKING:
    from chassis.service import Service

_FIRST = sa.select(answers).where(
    answers.c.door == sa.bindparam("at"), answers.c.asker == sa.bindparam("by"), answers.c.key == sa.bindparam("under")
)


class KeyReused(Invalid):
    """The key was used before with another body."""

    says = "This Idempotency-Key was used before for a different request. Use a new key for a new request."


@dataclass(frozen=True)
class Answer:
    """An answer as it was given the first time."""

    status: int
    body: Any
    record: str | None
    is_repeat: bool = False


def answered_once(
    service: Service,
    *,
    door: str,
    asker: str,
    key: str,
    body: bytes,
    keys: Callable[[], Ring],
    work: Callable[[Unit], Answer],
    scope: Scope | None = None,
) -> Answer:
    """Does `work` in one writing transaction unless this key was answered before; a rival that was faster wins.

    `keys` makes the ring before the transaction opens; `scope` says who asks, where no request does.
    """
    hashed = body_hash(body)
    with service.reading(scope=scope) as unit:
        if earlier := first_answer(unit, door=door, asker=asker, key=key, hashed=hashed):
            return earlier
    ring = keys()
    try:
        with service.writing(ring, scope=scope) as unit:
            if earlier := first_answer(unit, door=door, asker=asker, key=key, hashed=hashed):
                return earlier
            answer = work(unit)
            keep_answer(unit, door=door, asker=asker, key=key, hashed=hashed, answer=answer)
            return answer
    except sa.exc.IntegrityError:
        with service.reading(scope=scope) as unit:
            if earlier := first_answer(unit, door=door, asker=asker, key=key, hashed=hashed):
                return earlier
        raise


def body_hash(body: bytes) -> str:
    """The hash by which two bodies are the same."""
    return hashlib.sha256(body).hexdigest()


def _unread(key: str) -> str:
    """The key as it is kept: it is somebody else's text, and who knows what they put in it."""
    return body_hash(key.encode())


def forget_bodies(unit: Unit, records: Iterable[str]) -> None:
    """Lets go of what was asked of some records and answered; a key once used stays used, and all under it differs."""
    gone = {"body_hash": "", "answer": "null"}
    unit.connection.execute(sa.update(answers).where(answers.c.record.in_(list(records))).values(**gone))


def first_answer(unit: Unit, *, door: str, asker: str, key: str, hashed: str) -> Answer | None:
    """The answer already given to this key, or None when it is new; another body under the same key is KeyReused."""
    row = unit.connection.execute(_FIRST, {"at": door, "by": asker, "under": _unread(key)}).one_or_none()
    if row is None:
        return None
    if row.body_hash != hashed:
        raise KeyReused()
    return Answer(row.status, json.loads(row.answer), row.record, is_repeat=True)


def keep_answer(unit: Unit, *, door: str, asker: str, key: str, hashed: str, answer: Answer) -> None:
    """Keeps the answer in the transaction that made the thing; a rival that committed first makes this one fail."""
    hit("answer.before_write")
    unit.connection.execute(
        sa.insert(answers),
        {
            "door": door,
            "asker": asker,
            "key": _unread(key),
            "body_hash": hashed,
            "status": answer.status,
            "record": answer.record,
            "answer": json.dumps(answer.body, separators=(",", ":")),
            "at": unit.now,
        },
    )
    hit("answer.after_write")
