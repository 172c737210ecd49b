"""The hostile corpus: bodies no honest sender sends, for every kind of door, each with what must become of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from tests.fuzz.corpus import envelopes, fhir, forms, kinds, messages, values, whole
from tests.fuzz.corpus.hostile import CANARY, EITHER, REFUSED, Hostile, Made
from tests.fuzz.knocks import FORM, JSON, Good

__all__ = ["CANARY", "EITHER", "Hostile", "Made", "for_door", "own_count"]


def for_door(good: Good) -> list[Hostile]:
    """Every hostile body for a door, made of the good one it takes."""
    found = list(_all(good))
    if good.kind not in (JSON, FORM):
        # Doors for others' formats pass over what they do not know; what cannot be read at all they refuse as well.
        found = [replace(one, must=EITHER) if one.must == REFUSED and " = " in one.name else one for one in found]
        found = [
            replace(one, must=EITHER) if one.must == REFUSED and one.name in whole.OF_GOOD else one for one in found
        ]
    twice = {name for name, count in Counter(one.name for one in found).items() if count > 1}
    assert not twice, f"two hostile bodies with one name: {twice}"
    return found


def _all(good: Good) -> Iterator[Hostile]:
    yield from kinds.of(good)
    yield from envelopes.of(good)
    if good.kind == FORM:
        yield from forms.whole(good)
        yield from forms.in_fields(good)
        return
    yield from whole.of(good)
    yield from values.in_fields(good)
    if "fhir" in good.kind:
        yield from fhir.of(good)
    if "cloudevents" in good.kind:
        yield from messages.of(good)


def own_count() -> int:
    """How many different hostile bodies and pieces there are, whatever the door and however many fields it has."""
    pieces = len(values.PIECES) + len(forms.TEXTS) + len(forms.WHOLE) + len(whole.BODIES) + len(whole.OF_GOOD)
    return pieces + len(kinds.KINDS) + len(kinds.ENCODED) + len(fhir.CHANGES) + len(messages.CHANGES)
