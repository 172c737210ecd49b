"""Two people: what one asks to be done about something set aside, another confirms or refuses, once and in time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from chassis.errors import Conflict, Fault, Invalid, NotFound
from chassis.rows import insert_or_ignore
from chassis.tables import asked_of, askings
from chassis.unit import Unit

TRY_AGAIN, GIVE_UP, PUT_AWAY, SHOW_AGAIN = "try_again", "give_up", "put_away", "show_again"
# What can be asked, and for which reasons: code and words.
REASONS: Mapping[str, Mapping[str, str]] = {
    TRY_AGAIN: {
        "mended": "What made it fail is mended",
        "is_there_now": "What it needed is there now",
        "other": "Another reason",
    },
    GIVE_UP: {
        "stated_again": "Its owner states it again, rightly",
        "done_by_hand": "What it asks for was done by hand",
        "no_longer_matters": "What it says no longer matters here",
        "was_wrong": "It was wrong, and its owner knows",
        "other": "Another reason",
    },
    PUT_AWAY: {
        "came_again": "What it held came again, readable",
        "not_ours": "It was never a fact of this network",
        "other": "Another reason",
    },
    SHOW_AGAIN: {
        "is_right_now": "What this room holds about them was checked, and is right",
        "other": "Another reason",
    },
}
# What can be asked of all at once that stopped alike; what a room goes on without is looked at one by one.
FOR_ALL_ALIKE = {TRY_AGAIN, PUT_AWAY}
ASKED, CONFIRMED, REFUSED, RAN_OUT = "asked", "confirmed", "refused", "ran_out"
PAGE, COMMAND = "page", "command"
LEAST_WORDS, MOST_WORDS = 10, 300
# Telephone and NHS numbers, e-mail addresses, postcodes: what has no business among the words of a reason.
_OF_SOMEBODY = re.compile(
    r"""(?:\d[ -]?){9,} | \d{3}\W{1,3}\d{3}\W{1,3}\d{4} | 0\d{2,4}\W{1,3}\d{3,4}\W{1,3}\d{3,4}
    | @ | \b[A-Z]{1,2}\d[A-Z\d]?\ ?\d[A-Z]{2}\b""",
    re.IGNORECASE | re.VERBOSE,
)

# What no text holds: control characters but line breaks, halves of a character, marks that turn the order of reading.
_NO_TEXT = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")

_THIS = sa.select(askings).where(askings.c.asking_id == sa.bindparam("this"), askings.c.consumer == sa.bindparam("of"))
_LINES = sa.select(asked_of).where(asked_of.c.asking_id == sa.bindparam("this")).order_by(asked_of.c.stream)
_OPEN_FOR = (
    sa.select(askings)
    .join(asked_of, asked_of.c.asking_id == askings.c.asking_id)
    .where(asked_of.c.open_for.in_(sa.bindparam("keys", expanding=True)))
)
_SETTLE = (
    sa.update(askings)
    .where(askings.c.asking_id == sa.bindparam("this"), askings.c.state == ASKED)
    .values(state=sa.bindparam("now"), settled_by=sa.bindparam("by"), settled_at=sa.bindparam("at"))
)
_CLOSE = sa.update(asked_of).where(asked_of.c.asking_id == sa.bindparam("this")).values(open_for=None)


class AlreadyAsked(Conflict):
    """Somebody asked something about the same, and it is not settled yet."""

    says = "Somebody has already asked for something to be done about this. It must be confirmed or refused first."


class OwnAsking(Conflict):
    """Whoever asks does not also confirm."""

    says = "You asked for this yourself, so somebody else must confirm or refuse it."


class AskingOver(Conflict):
    """It was confirmed or refused before."""

    says = "This was confirmed or refused already. Nothing more was done."


class AskingRanOut(Conflict):
    """Nobody settled it in time."""

    says = (
        "This was asked too long ago, so it can no longer be confirmed. Nothing was done. Ask again if it still holds."
    )


class WordsNameSomebody(Invalid):
    """The words of a reason hold what may lead to a human being."""

    where = "words"
    says = "Leave out telephone and NHS numbers, addresses and postcodes. Say what is wrong without naming anybody."


@dataclass(frozen=True)
class Aim:
    """What an asking is about: a fact by stream and number, or a record by topic/partition and place."""

    stream: str
    number: int
    fact_id: str = ""
    subject: str | None = None

    @property
    def key(self) -> str:
        """By which two askings about the same are known."""
        return f"{self.stream}@{self.number}"


@dataclass(frozen=True)
class Wanted:
    """What somebody asks, and why. `fences` says that nothing of the subject of a fact given up is shown afterwards."""

    what: str
    reason: str
    words: str
    fences: bool = False
    asked_from: str = PAGE


def check(wanted: Wanted) -> None:
    """Refuses (Invalid) words that are too few, too many, or may lead to somebody, and a reason that is not listed."""
    faults = []
    words = wanted.words.strip()
    if wanted.reason not in REASONS[wanted.what]:
        faults.append(Fault("reason", f"Choose one of: {', '.join(REASONS[wanted.what])}."))
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        faults.append(Fault("words", f"Use {LEAST_WORDS} to {MOST_WORDS} characters."))
    elif _NO_TEXT.search(words):
        faults.append(Fault("words", "This holds characters that are not text. Type it again."))
    if faults:
        raise Invalid(faults=tuple(faults))
    if _OF_SOMEBODY.search(wanted.words):
        raise WordsNameSomebody()


def ask(unit: Unit, wanted: Wanted, aims: Sequence[Aim], days: int) -> str:
    """Keeps what is asked, until another person settles it or `days` are over; gives its id.

    What somebody has asked about already is left out; AlreadyAsked when that is all of it. The same asked again by the
    same person is the first asking.
    """
    check(wanted)
    for row in _open_for(unit, aims):
        if row.ends_at <= unit.now:
            _run_out(unit, row.asking_id)
        elif (row.asked_by, row.what) == (unit.who.id, wanted.what) and len(aims) == 1:
            return str(row.asking_id)
    asking_id = unit.ids.new()
    unit.connection.execute(
        sa.insert(askings),
        {
            "asking_id": asking_id,
            "consumer": unit.service,
            "what": wanted.what,
            "reason": wanted.reason,
            "words": wanted.words.strip(),
            "fences": wanted.fences,
            "asked_by": unit.who.id,
            "asked_from": wanted.asked_from,
            "asked_at": unit.now,
            "ends_at": unit.now + timedelta(days=days),
            "state": ASKED,
        },
    )
    insert_or_ignore(unit.connection, asked_of, [_line(asking_id, aim) for aim in aims])
    if not lines(unit, asking_id):
        raise AlreadyAsked()
    unit.note("parked.ask", subject=aims[0].subject if len(aims) == 1 else None, record=asking_id)
    return asking_id


def _line(asking_id: str, aim: Aim) -> dict[str, Any]:
    return {
        "asking_id": asking_id, "stream": aim.stream, "number": aim.number, "fact_id": aim.fact_id,
        "subject": aim.subject, "open_for": aim.key, "outcome": None,
    }  # fmt: skip


def _open_for(unit: Unit, aims: Sequence[Aim]) -> Sequence[Any]:
    keys = [aim.key for aim in aims]
    return unit.connection.execute(_OPEN_FOR.distinct(), {"keys": keys}).all() if keys else []


def _run_out(unit: Unit, asking_id: str) -> None:
    if unit.connection.execute(_SETTLE, {"this": asking_id, "now": RAN_OUT, "by": None, "at": unit.now}).rowcount:
        unit.connection.execute(_CLOSE, {"this": asking_id})
        unit.note("parked.ran_out", record=asking_id)


def asking(unit: Unit, asking_id: str) -> Any:
    """One asking as it is kept; NotFound when there is none."""
    row = unit.connection.execute(_THIS, {"this": asking_id, "of": unit.service}).one_or_none()
    if row is None:
        raise NotFound()
    return row


def lines(unit: Unit, asking_id: str) -> Sequence[Any]:
    """What an asking is about, line by line."""
    return unit.connection.execute(_LINES, {"this": asking_id}).all()


def settle(unit: Unit, asking_id: str, state: str) -> Any | None:
    """Confirms or refuses an asking, by compare-and-set; gives it, or None when the same person did so before.

    Refuses whoever asked (OwnAsking), what is settled (AskingOver) and what was asked too long ago (AskingRanOut).
    """
    row = asking(unit, asking_id)
    if row.asked_by == unit.who.id:
        raise OwnAsking()
    if (row.state, row.settled_by) == (state, unit.who.id):
        return None
    if row.state != ASKED:
        raise AskingOver()
    if row.ends_at <= unit.now:
        raise AskingRanOut()
    changed = {"this": asking_id, "now": state, "by": unit.who.id, "at": unit.now}
    if unit.connection.execute(_SETTLE, changed).rowcount != 1:
        raise AskingOver()
    unit.connection.execute(_CLOSE, {"this": asking_id})
    unit.note("parked.confirm" if state == CONFIRMED else "parked.refuse", record=asking_id)
    return row
