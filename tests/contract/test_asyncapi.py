"""The AsyncAPI document is valid by its published schema, and says what the rooms really say, hear and seal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from chassis.events import asyncapi, samples
from chassis.events.envelope import BrakeMark, Envelope, Place, as_texts, header_texts
from contracts.addresses import SERVICES
from contracts.fact import CATALOGUE
from contracts.hearers import EVERY_FACT, HEARS
from contracts.kept import sample_bytes
from services.home.schemas import asyncapi as served
from tests.builders import MORNING

# From the package @asyncapi/specs (docs/sources.md, AsyncAPI).
PUBLISHED = json.loads((Path(__file__).parent / "published" / "asyncapi-3.0.0.json").read_text())
DOCUMENT: dict[str, Any] = json.loads(served(""))


def faults(document: Any) -> list[str]:
    """What the published schema has against a document."""
    return [fault.message for fault in validator_for(PUBLISHED)(PUBLISHED).iter_errors(document)]


def refs(node: Any) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref":
                yield value
            else:
                yield from refs(value)
    elif isinstance(node, list):
        for one in node:
            yield from refs(one)


def found(document: Any, ref: str) -> Any:
    """What a reference leads to."""
    node = document
    for part in ref.removeprefix("#/").split("/"):
        node = node[part]
    return node


def test_the_document_is_valid_by_the_published_schema() -> None:
    assert faults(DOCUMENT) == []


def _without_address(document: Any) -> None:
    document["operations"]["matching.says"].pop("channel")


def _unknown_action(document: Any) -> None:
    document["operations"]["matching.says"]["action"] = "whisper"


def _bare_extension(document: Any) -> None:
    document["channels"]["matching"]["classification"] = "codes"


def _another_version(document: Any) -> None:
    document["asyncapi"] = "2.6.0"


def _type_of_nothing(document: Any) -> None:
    document["components"]["schemas"]["match.agreed.v1"]["properties"]["match_id"]["type"] = "words"


BREAKS: list[Callable[[Any], None]] = [
    _without_address, _unknown_action, _bare_extension, _another_version, _type_of_nothing,
]  # fmt: skip


@pytest.mark.parametrize("break_it", BREAKS)
def test_a_document_that_is_not_valid_is_refused(break_it: Callable[[Any], None]) -> None:
    broken = json.loads(served(""))
    break_it(broken)
    assert faults(broken)


def test_every_reference_leads_somewhere() -> None:
    all_refs = set(refs(DOCUMENT))
    assert len(all_refs) > len(CATALOGUE)
    for ref in all_refs:
        assert found(DOCUMENT, ref), ref
    with pytest.raises(KeyError):
        found(DOCUMENT, "#/components/messages/match.forgotten.v1")


def said(operation: str) -> set[str]:
    """The facts of an operation."""
    return {ref.rpartition("/")[2] for ref in refs(DOCUMENT["operations"][operation]["messages"])}


@pytest.mark.parametrize("room", SERVICES)
def test_a_room_says_its_own_facts_and_what_any_room_may_say(room: str) -> None:
    assert said(f"{room}.says") == {kind.FACT.type for kind in EVERY_FACT if kind.FACT.owner in {room, "any"}}  # type: ignore[attr-defined]


@pytest.mark.parametrize("room", [room for room in SERVICES if HEARS.get(room)])
def test_a_room_hears_what_the_table_says(room: str) -> None:
    mine = {name: one for name, one in DOCUMENT["operations"].items() if name.startswith(f"{room}.hears.")}
    assert {kind.FACT.type for kind in HEARS[room]} == set().union(*(said(name) for name in mine))  # type: ignore[attr-defined]
    assert {one["action"] for one in mine.values()} == {"receive"}
    assert f"{room}.hears.{room}" not in mine


def test_every_fact_has_a_message_with_its_classification_its_hearers_and_its_sample() -> None:
    messages = DOCUMENT["components"]["messages"]
    assert set(messages) == set(CATALOGUE)
    protected = messages["person.protected.v1"]
    assert protected["x-classification"] == "codes"
    assert protected["x-brake"] == {"kind": "protected", "subject": "person_id", "lifts": False}
    assert protected["x-hearers"] == ["home", "partners", "matching", "support"]
    assert protected["x-stream"] == "referrals/person/<id>"
    assert protected["x-urgent"] is True
    assert messages["report.published.v1"]["x-public"] is True
    accepted = messages["referral.accepted.v1"]
    assert accepted["x-classification"] == "sealed:called,needs,safety"
    assert accepted["examples"][0]["payload"] == json.loads(samples.read(sample_bytes("referral.accepted.v1")).body)


def test_a_sealed_field_says_its_class_and_who_may_open_it() -> None:
    needs = DOCUMENT["components"]["schemas"]["referral.accepted.v1"]["properties"]["needs"]
    assert needs["x-classification"] == "sealed:needs"
    assert needs["x-opened-by"] == ["matching", "referrals"]
    assert needs["pattern"].startswith("^s1")


def headers_of(type_: str) -> Any:
    """A validator of a message's headers, with what it refers to."""
    schema = {**DOCUMENT["components"]["messages"][type_]["headers"], "components": DOCUMENT["components"]}
    return Draft202012Validator(schema)


@pytest.mark.parametrize("type_", sorted(CATALOGUE))
def test_the_headers_of_a_sample_are_those_the_document_tells_of(type_: str) -> None:
    texts = as_texts(samples.read(sample_bytes(type_)).headers)
    assert [fault.message for fault in headers_of(type_).iter_errors(texts)] == []
    assert set(texts) <= set(asyncapi.ALWAYS) | set(asyncapi.SOMETIMES)
    assert not headers_of(type_).is_valid({**texts, "ce_type": "match.forgotten.v1"})
    assert not headers_of(type_).is_valid({**texts, "ce_streamseq": "0"})


def test_the_document_tells_of_every_header_there_is() -> None:
    fullest = Envelope(
        id="f", type="letter.sent.v1", stream="partners/letter/l1", number=1, stated_at=MORNING, subject="l1",
        correlation_id="c", causation_id="d", traceparent="t", classification="codes",
        requires=(Place("partners/partner/p1", 1),), brake=BrakeMark("held", "l1", lifts=True),
    )  # fmt: skip
    assert set(header_texts(fullest)) == set(asyncapi.ALWAYS) | set(asyncapi.SOMETIMES)


def test_topics_are_told_with_the_prefix_of_the_place() -> None:
    prefixed = json.loads(served("north."))
    assert prefixed["channels"]["matching"]["address"] == "north.matching"
    assert prefixed["channels"]["matching"]["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"] == ["delete"]
    assert faults(prefixed) == []
