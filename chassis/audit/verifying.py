"""Looks through a chain row by row and names the first that is not as it was sealed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.audit import chain
from chassis.audit.heads import Head, is_signed

Row = Mapping[str, Any]
Hashing = Callable[[str, Row], str]
# A row sealed after a head was published may be so much older than it: the clocks of machines differ.
LATE = timedelta(hours=1)

ALTERED, MISSING, SWAPPED, ADDED = "altered", "missing", "swapped", "added"
CUT_OFF, REWRITTEN, NOT_OURS = "cut off", "rewritten", "not ours"

SAYS: Mapping[str, str] = {
    ALTERED: "was altered after it was sealed, or a row before it was taken out and the rest renumbered",
    MISSING: "is missing: it was sealed, and is no longer there",
    SWAPPED: "was swapped with the row after it",
    ADDED: "was added to what had been sealed without it",
    CUT_OFF: "is the last, and a published head knows of rows after it: they were cut off",
    REWRITTEN: "is not the one a published head knows: the chain was made anew, here or before it",
    NOT_OURS: "stands in a head that our key did not sign",
}


@dataclass(frozen=True)
class Bad:
    """The first bad row: its place in the chain, its number when there is one, and what is wrong with it."""

    place: int
    sequence: int | None
    what: str

    @property
    def says(self) -> str:
        """What is wrong, as one sentence."""
        number = f" (sequence {self.sequence})" if self.sequence is not None else ""
        return f"row {self.place}{number} {SAYS[self.what]}"


@dataclass(frozen=True)
class Verdict:
    """What came of it: how many sealed rows and heads were checked, and the first bad row when there is one."""

    rows: int
    heads: int
    bad: Bad | None = None


def verify(
    room: str,
    rows: Iterable[Row],
    heads: Sequence[Head] = (),
    public_keys: Iterable[str] = (),
    hashing: Hashing = chain.hash_of,
) -> Verdict:
    """Checks sealed rows in the order of their places, and that they pass through every head that was kept.

    Without `public_keys` nobody's signature is looked at. `hashing` is there to show what is not found without it.
    """
    keys = tuple(public_keys)
    for head in heads:
        if keys and not is_signed(head, keys):
            return Verdict(0, len(heads), Bad(head.place, head.sequence, NOT_OURS))
    # The one that is due first stands last.
    due = sorted(heads, key=lambda head: (head.place, head.at), reverse=True)
    place, before, sequence, oldest = 0, chain.first(room), None, None
    for row, after in _pairs(rows):
        bad = _look(row, after, place + 1, before, hashing)
        if bad is None and oldest is not None and row["at"] < oldest:
            bad = Bad(row["place"], row["sequence"], ADDED)
        if bad:
            return Verdict(place, len(heads), bad)
        place, before, sequence = place + 1, row["hash"], row["sequence"]
        while due and due[-1].place == place:
            head = due.pop()
            if (head.hash, head.sequence) != (before, sequence):
                return Verdict(place, len(heads), Bad(place, sequence, REWRITTEN))
            # What was there when a head was published is sealed before it.
            oldest = max(head.at - LATE, oldest or head.at - LATE)
    return Verdict(place, len(heads), Bad(place, sequence, CUT_OFF) if due else None)


def _pairs(rows: Iterable[Row]) -> Iterator[tuple[Row, Row | None]]:
    """Each row with the one after it."""
    row: Row | None = None
    for after in rows:
        if row is not None:
            yield row, after
        row = after
    if row is not None:
        yield row, None


def _look(row: Row, after: Row | None, place: int, before: str, hashing: Hashing) -> Bad | None:
    if row["place"] != place:
        # Places have no gaps: what stands here belongs further on, or further back.
        what = MISSING if row["place"] > place else ADDED
        return Bad(place, None if what == MISSING else row["sequence"], what)
    if hashing(before, row) == row["hash"]:
        return None
    return Bad(place, row["sequence"], _what(row, after, place, before, hashing))


def _what(row: Row, after: Row | None, place: int, before: str, hashing: Hashing) -> str:
    """What was done to a row whose hash is not its own."""
    if after is None:
        return ALTERED
    here = hashing(before, {**after, "place": place})
    renumbered = hashing(before, {**after, "place": place, "sequence": row["sequence"]})
    if row["hash"] in (here, renumbered):
        return SWAPPED
    if here == after["hash"]:
        # The next row was sealed for this place: this one came between, or changed places with it.
        is_there = hashing(here, {**row, "place": place + 1}) == row["hash"]
        return SWAPPED if is_there else ADDED
    return ALTERED
