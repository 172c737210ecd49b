"""Every fact is stated by whoever declares it and heard by someone, and carries nothing that must not travel."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

from contracts import worries
from contracts.addresses import SERVICES
from contracts.classes import OPENS, SEALS
from contracts.fact import CATALOGUE, Brake, Code, Seal, fact, is_superseded
from tests.architecture.the_code import ROOT
from tests.builders import TestHouse

for _path in (ROOT / "contracts").glob("*.py"):
    importlib.import_module(f"contracts.{_path.stem}")
FACTS = dict(sorted(CATALOGUE.items()))
# What is stated today; an older version is only read, by way of its upcasters (docs/events.md, Versions).
TODAY = {kind: made for kind, made in FACTS.items() if not is_superseded(kind)}

# Text that is neither an opaque id, a marked code nor sealed, and why it may travel.
MAY_TRAVEL = {
    "partner.joined.v1:code": "an organisation's short name in addresses and topics",
    "partner.joined.v1:name": "an organisation, not a human being",
    "partner.joined.v1:area": "where an organisation works",
    "account.opened.v1:roles": "codes of the role table",
    "role.granted.v1:roles": "codes of the role table",
    "role.ended.v1:roles": "codes of the role table",
    "key.published.v1:public": "the public half of a key, made to be known",
    "account.opened.v1:surname_mark": "a keyed hash, whose key two rooms have (contracts/marks.py)",
    "account.opened.v1:postcode_mark": "a keyed hash, whose key two rooms have (contracts/marks.py)",
    "account.opened.v1:whole_mark": "a keyed hash, whose key two rooms have (contracts/marks.py)",
    "record.seen.v1:roles": "codes of the role table",
    "budget.spent.v1:roles": "codes of the role table",
    "audit.head_published.v1:hash": "of rows of ids and codes",
    "audit.head_published.v1:public_key": "the network's own",
    "audit.head_published.v1:signature": "of a hash",
    "link.minted.v1:hash": "of 256 random bits, which opens nothing",
    "referral.overdue.v1:told_role": "a code of the role table",
    "consent.given.v1:scope": "a code of the consent wording",
    "consent.given.v1:wording_version": "which wording was shown",
    "equity.stated.v1:area": "coarse, under a random reporting id, without the person (events.md)",
    "equity.stated.v1:age_band": "coarse, under a random reporting id, without the person (events.md)",
    "equity.stated.v1:ethnicity": "coarse, under a random reporting id, without the person (events.md)",
    "equity.stated.v1:gender": "coarse, under a random reporting id, without the person (events.md)",
}
_ID = re.compile(r"(?:^|_)ids?$")
_LIVED_EXPERIENCE = re.compile(r"experience|entr(?:y|ies)|themes?")
_PERSONAL = re.compile(r"name|address|phone|email|postcode|birth|nhs_number|note|text|words|reason_text")


def marks_of(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """The bare type of a field and what is marked on it."""
    if get_origin(hint) is Annotated:
        bare, *marks = get_args(hint)
        return bare, tuple(marks)
    return hint, ()


def is_text(bare: Any) -> bool:
    """Whether a field may hold text: str, or a choice or tuple of it."""
    return bare is str or any(is_text(part) for part in get_args(bare))


def faults_of(kind: str, made: type, may_travel: Collection[str]) -> list[str]:
    """What a fact carries that must not travel."""
    found = []
    for name, hint in get_type_hints(made, include_extras=True).items():
        if name == "FACT":
            continue
        bare, marks = marks_of(hint)
        seals = [mark.sealed_class for mark in marks if isinstance(mark, Seal)]
        if _LIVED_EXPERIENCE.search(name) or "experience" in seals:
            found.append(f"{kind}:{name} carries lived experience")
        if _PERSONAL.search(name) and not seals and f"{kind}:{name}" not in may_travel:
            found.append(f"{kind}:{name} is personal and not sealed")
        is_told = bool(seals) or any(isinstance(mark, Code) for mark in marks) or bool(_ID.search(name))
        if is_text(bare) and not is_told and f"{kind}:{name}" not in may_travel:
            found.append(f"{kind}:{name} is text that is no id, no code and not sealed")
    return found


@pytest.mark.parametrize("kind", FACTS)
def test_a_fact_carries_ids_codes_moments_and_sealed_text_only(kind: str) -> None:
    assert faults_of(kind, FACTS[kind], MAY_TRAVEL) == []


def test_a_field_that_must_not_travel_is_caught() -> None:
    @dataclasses.dataclass
    class Letter:
        letter_id: str
        name: str
        comment: str
        experience_codes: Annotated[tuple[str, ...], Code(("a",))]
        theme: Annotated[str, Seal("experience")]
        kind: Annotated[str, Code(("a", "b"))]
        told_to: tuple[str, ...]

    assert faults_of("letter.sent.v1", Letter, ()) == [
        "letter.sent.v1:name is personal and not sealed",
        "letter.sent.v1:name is text that is no id, no code and not sealed",
        "letter.sent.v1:comment is text that is no id, no code and not sealed",
        "letter.sent.v1:experience_codes carries lived experience",
        "letter.sent.v1:theme carries lived experience",
        "letter.sent.v1:told_to is text that is no id, no code and not sealed",
    ]


def test_what_may_travel_all_the_same_is_still_there() -> None:
    fields = {f"{kind}:{name}" for kind, made in FACTS.items() for name in get_type_hints(made)}
    assert set(MAY_TRAVEL) <= fields


def unheard(facts: Mapping[str, Any], heard: Iterable[type]) -> set[str]:
    """Facts that nobody hears and that are not public."""
    listened = set(heard)
    return {kind for kind, made in facts.items() if made not in listened and not made.FACT.public}


def acted_on(house: TestHouse) -> set[type]:
    """What some room does something about; home hears every fact, which is heard only where it does more than count."""
    others = {made for room in SERVICES if room != "home" for made in house[room].parts.reactions}
    return others | set(importlib.import_module("services.home.reactions").DOES)


def test_every_fact_is_acted_on_by_some_room_or_is_public(house: TestHouse) -> None:
    assert unheard(TODAY, acted_on(house)) == set()


def test_home_hears_every_fact(house: TestHouse) -> None:
    assert unheard(TODAY, house["home"].parts.reactions) == set()


def test_a_fact_that_nobody_hears_is_caught() -> None:
    class LetterSent:
        FACT = next(iter(FACTS.values())).FACT  # type: ignore[attr-defined]

    assert unheard({"letter.sent.v1": LetterSent}, []) == {"letter.sent.v1"}
    assert unheard({"letter.sent.v1": LetterSent}, [LetterSent]) == set()


def made_in(texts: Iterable[str]) -> set[str]:
    """The names of all classes that are called in some texts."""
    trees = [ast.parse(text) for text in texts]
    calls = (node.func for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


@pytest.mark.parametrize("room", SERVICES)
def test_every_fact_a_room_declares_is_stated_somewhere_in_it(house: TestHouse, room: str) -> None:
    stated = made_in(path.read_text() for path in (ROOT / "services" / room).rglob("*.py"))
    # What its audit trail tells, the chassis states for it.
    handed_in = house[room].parts.audit_facts
    stated |= {made.__name__ for made in handed_in.kinds} if handed_in else set()
    assert {made.__name__ for made in house[room].parts.says} - stated == set()


def test_a_fact_that_is_declared_and_never_stated_is_caught() -> None:
    texts = ["from contracts import letters\nsent = letters.LetterSent\nunit.state(s, letters.LetterRead(id=1))"]
    assert {"LetterSent", "LetterRead"} - made_in(texts) == {"LetterSent"}


def test_only_its_owner_declares_a_fact_and_every_fact_has_one(house: TestHouse) -> None:
    said: dict[type, list[str]] = {}
    for room in SERVICES:
        for made in house[room].parts.says:
            said.setdefault(made, []).append(room)
    assert set(said) == set(TODAY.values())
    for made, rooms in said.items():
        owner = made.FACT.owner  # type: ignore[attr-defined]
        assert owner == "any" or rooms == [owner], made.__name__


def test_the_classes_of_sealed_text_are_opened_and_sealed_by_rooms_that_exist() -> None:
    assert set(OPENS) == set(SEALS)
    for table in (OPENS, SEALS):
        assert all(rooms and rooms <= set(SERVICES) for rooms in table.values())


@pytest.mark.parametrize("kind", FACTS)
def test_a_brake_names_a_field_of_its_fact(kind: str) -> None:
    brake = FACTS[kind].FACT.brake  # type: ignore[attr-defined]
    assert brake is None or brake.subject in get_type_hints(FACTS[kind])


def test_every_brake_that_is_set_can_be_lifted_or_is_for_good() -> None:
    brakes = [made.FACT.brake for made in FACTS.values() if made.FACT.brake]  # type: ignore[attr-defined]
    for_good = {"consent_withdrawn", "forgotten", "link_revoked", "role_ended", "system_key_revoked"}
    assert {b.kind for b in brakes if not b.lifts} == {b.kind for b in brakes if b.lifts} | for_good


def test_a_worry_stands_alone_and_is_urgent() -> None:
    known: Any = worries.WorryRaised
    assert known.FACT.owner == "any"
    assert known.FACT.urgent
    assert known.FACT.brake is None


def test_a_fact_is_declared_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="declared twice"):
        fact(next(iter(FACTS)), owner="referrals", brake=Brake("protected", "x"))(type("Again", (), {"__doc__": "x"}))
