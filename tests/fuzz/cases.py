"""The cases of a run, each made of the seed and its number alone: the corpus, Schemathesis, and changes by chance."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import quote

from tests.fuzz import corpus, described, mutating
from tests.fuzz.corpus import CANARY, EITHER, Hostile
from tests.fuzz.corpus.hostile import TOO_LARGE, WRONG_KIND
from tests.fuzz.corpus.values import PIECES
from tests.fuzz.doors import Door
from tests.fuzz.knocks import FORM, Knock

GOOD, CORPUS, DESCRIBED, MUTATED = "good", "corpus", "schemathesis", "mutated"
# Shares of a run (the corpus gives at most all it has).
_CORPUS_SHARE, _DESCRIBED_SHARE = 0.5, 0.1
# One of so many cases is sent to an id that is not there, is sent twice, or has an odd address.
_ELSEWHERE, _TWICE, _ODD_ADDRESS = 8, 40, 40
# One of so many large bodies is sent in a run shorter than that.
_HEAVY, _LONG_RUN = 12, 300_000
# Turns of a door that reads JSON, and of a page's form, which costs ten times as much to show again; routes that
# several rooms have alike, and buttons, get one.
_MACHINE_TURNS, _PAGE_TURNS = 12, 2


@dataclass(frozen=True)
class Case:
    """One request to both houses, and the answers it may get; `must` is empty where it depends on the door."""

    number: int
    source: str
    name: str
    door: Door
    knock: Knock
    must: frozenset[int] = EITHER
    seed: str = ""


@dataclass(frozen=True)
class Plan:
    """How many cases of each source a run has, and which part of them one process does."""

    count: int
    seed: int
    part: int = 0
    parts: int = 1

    def draw(self, number: int) -> Random:
        """The chance of one case."""
        return Random(f"{self.seed}/{number}")

    def mine(self, number: int) -> bool:
        """Whether this process does a case."""
        return number % self.parts == self.part


def cases(plan: Plan, doors: list[Door], world: Any) -> Iterator[Case]:
    """Every case of this process, in the order of their numbers within each source."""
    good = _good(doors, plan)
    of_corpus = in_turns(doors, plan, round((plan.count - len(good)) * _CORPUS_SHARE))
    operations = described.operations(world, doors)
    described_count = round(plan.count * _DESCRIBED_SHARE) if operations else 0
    yield from (case for case in good if plan.mine(case.number))
    for number, (door, hostile) in enumerate(of_corpus, len(good)):
        if plan.mine(number):
            yield hostile_case(plan, number, door, hostile)
    first = len(good) + len(of_corpus)
    yield from _described(plan, operations, first, described_count)
    weighted = [door for door in doors for _ in range(_turns(door))]
    for number in range(first + described_count, plan.count):
        if plan.mine(number):
            yield mutated(plan, number, plan.draw(number).choice(weighted))


def _good(doors: list[Door], plan: Plan) -> list[Case]:
    """Every door's good request, once and twice: of a door that is shut, refusals would say nothing."""
    if plan.count < len(doors) * 4:
        return []
    pairs = [(door, is_twice) for door in doors for is_twice in (False, True)]
    return [
        Case(number, GOOD, "as it is", door, replace(door.knock(), is_twice=is_twice), EITHER, f"{plan.seed}/{number}")
        for number, (door, is_twice) in enumerate(pairs)
    ]


def _turns(door: Door) -> int:
    if not door.reads or "set-aside" in door.rule:
        return 1
    return _PAGE_TURNS if door.good.kind == FORM else _MACHINE_TURNS


# ---- the corpus


def in_turns(doors: list[Door], plan: Plan, most: int) -> list[tuple[Door, Hostile]]:
    """Up to `most` hostile bodies for the doors by turns, each door's own in an order of its own."""
    turns = [iter(_shuffled(door, plan)) for door in doors]
    found: list[tuple[Door, Hostile]] = []
    while len(found) < most:
        before = len(found)
        for door, turn in zip(doors, turns, strict=True):
            found += [(door, one) for one, _ in zip(turn, range(_turns(door)), strict=False)]
        if len(found) == before:
            break
    return found[:most]


def _shuffled(door: Door, plan: Plan) -> list[Hostile]:
    draw = Random(f"{plan.seed}/{door.name}")
    keeps_all = plan.count >= _LONG_RUN
    whole = [one for one in corpus.for_door(door.good) if keeps_all or not one.is_heavy or draw.randrange(_HEAVY) == 0]
    draw.shuffle(whole)
    # Each family once before any comes again in another place.
    first: dict[str, Hostile] = {}
    for one in whole:
        first.setdefault(one.family or one.name, one)
    chosen = set(map(id, first.values()))
    return [*first.values(), *(one for one in whole if id(one) not in chosen)]


def hostile_case(plan: Plan, number: int, door: Door, hostile: Hostile) -> Case:
    """A hostile body at a door."""
    draw = plan.draw(number)
    knock = door.knock()
    kind = door.good.kind if hostile.kind is None else hostile.kind
    sent = replace(
        knock, body=hostile.make(), kind=kind, headers={**knock.headers, **hostile.headers}, length=hostile.length,
        is_chunked=hostile.is_chunked,
    )  # fmt: skip
    always = hostile.must in (WRONG_KIND, TOO_LARGE)
    must = hostile.must if always or door.reads else EITHER
    if door.places() and draw.randrange(_ELSEWHERE) == 0:
        sent, must = replace(sent, path=_elsewhere(door, draw)), hostile.must if always else EITHER
    elif draw.randrange(_TWICE) == 0:
        sent = replace(sent, is_twice=True)
    return Case(number, CORPUS, hostile.name, door, sent, must, f"{plan.seed}/{number}")


def _elsewhere(door: Door, draw: Random) -> str:
    def an_id() -> str:
        text = f"{draw.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"

    return door.path({name: an_id() for name in door.places()})


# ---- Schemathesis


def _described(plan: Plan, operations: list[tuple[Door, Any]], first: int, count: int) -> Iterator[Case]:
    """Batches of each operation in turn, good data and data that does not fit; a process does whole batches."""
    number, batch = first, 0
    while number < first + count:
        door, operation = operations[(batch // 2) % len(operations)]
        size = min(described.BATCH, first + count - number)
        if plan.mine(batch // 2):
            start = zlib.crc32(f"{plan.seed}/{batch}".encode())
            bodies = list(described.draw(operation, size, start, is_good=batch % 2 == 0))[:size]
            for index, (kind, body) in enumerate(bodies, number):
                knock = replace(door.knock(), body=body, kind=kind or door.good.kind)
                name = "data that fits" if batch % 2 == 0 else "data that does not fit"
                yield Case(index, DESCRIBED, name, door, knock, EITHER, f"{plan.seed}/{index}")
            # A small operation may be drawn out.
            yield from (mutated(plan, index, door) for index in range(number + len(bodies), number + size))
        number, batch = number + size, batch + 1


# ---- changes by chance


def mutated(plan: Plan, number: int, door: Door) -> Case:
    """A good request changed by chance."""
    draw = plan.draw(number)
    draw.random()
    knock = door.knock()
    name, make = draw.choice((("bytes", mutating.of_bytes), ("values", mutating.of_values)))
    knock = replace(knock, body=make(door.good, draw), kind=door.good.kind, is_twice=draw.randrange(_TWICE) == 0)
    if door.places() and draw.randrange(_ELSEWHERE) == 0:
        knock = replace(knock, path=_elsewhere(door, draw))
    elif door.places() and draw.randrange(_ODD_ADDRESS) == 0:
        knock = replace(knock, path=_odd_address(door, draw))
    return Case(number, MUTATED, name, door, knock, EITHER, f"{plan.seed}/{number}")


def _odd_address(door: Door, draw: Random) -> str:
    piece = draw.choice([text for text, _ in PIECES.values() if len(text) < 500])
    odd = draw.choice(
        (piece.strip(b'"').decode("latin-1"), f"{CANARY}", f"..%2f{CANARY}", "%00", "{id}", "-", "x" * 2000)
    )
    return door.path({draw.choice(door.places()): quote(odd, safe="%").replace("%2F", "")})
