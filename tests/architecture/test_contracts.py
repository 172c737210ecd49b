"""A fact is added to, never edited: schema files hold each class to its promise, and a break says what to do."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest

from chassis.events.schemas import schema_of
from contracts import kept
from contracts.fact import CATALOGUE, Brake, Code, Seal
from deploy import golden_story
from deploy.contract_diff import changes
from deploy.contract_files import COMMAND, findings, text_of, unsampled
from tests.architecture.letters import a_letter


def test_the_schema_files_say_what_the_facts_say() -> None:
    found = findings(kept.SCHEMAS, CATALOGUE)
    if found:
        pytest.fail("\n\n".join(finding.text() for finding in found), pytrace=False)
    assert [path.name for path in kept.SCHEMAS.glob("*.json")]


def test_every_schema_file_is_as_its_tool_writes_it() -> None:
    different = [type_ for type_, kind in CATALOGUE.items() if kept.schema_text(type_) != text_of(kind)]
    assert different == [], f"run {COMMAND}"


def test_every_fact_has_a_sample() -> None:
    assert unsampled(kept.SAMPLES, CATALOGUE) == [], f"run {COMMAND}"


def test_the_story_of_the_samples_tells_of_every_fact_and_of_nothing_else() -> None:
    assert {name for name, _, _ in golden_story.STORY} == {type_.rpartition(".v")[0] for type_ in CATALOGUE}


# ---- planted breaks, each with the line that tells of it


@pytest.fixture(autouse=True)
def _letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares is gone after it."""
    monkeypatch.setattr("contracts.fact.CATALOGUE", dict(CATALOGUE))


BREAKS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a field removed": (
        {"pages": None},
        ["  - pages: whole number", "    it is gone: whoever reads pages finds nothing"],
    ),
    "a field renamed": (
        {"pages": None, "page_count": int},
        [
            "  - pages: whole number",
            "    it was renamed to page_count: facts already stated still say pages, and whoever reads pages"
            " finds nothing",
            "  + page_count: whole number",
            "    it is required, and facts already stated do not have it: give it a default",
        ],
    ),
    "a type changed": (
        {"pages": str},
        ["  - pages: whole number", "  + pages: text", "    whoever reads one cannot read the other"],
    ),
    "a moment made a day": (
        {"sent_at": date},
        ["  - sent_at: moment", "  + sent_at: date", "    whoever reads one cannot read the other"],
    ),
    "one made many": (
        {"letter_id": tuple[str, ...]},
        ["  - letter_id: text", "  + letter_id: list of text", "    whoever reads one cannot read the other"],
    ),
    "required added": (
        {"weight": int},
        ["  + weight: whole number", "    it is required, and facts already stated do not have it: give it a default"],
    ),
    "optional made required": (
        {"note_code": str | None},
        ["  - note_code: may be missing", "  + note_code: required", "    facts already stated may not have it"],
    ),
    "may be nothing now": (
        {"pages": int | None},
        [
            "  - pages: whole number",
            "  + pages: whole number, or nothing",
            "    whoever reads it counts on something being there",
        ],
    ),
    "may not be nothing any more": (
        {"note_code": (str, None)},
        ["  - note_code: text, or nothing", "  + note_code: text", "    facts already stated may hold nothing there"],
    ),
    "another default": (
        {"note_code": (str | None, "none")},
        [
            "  - note_code: None when missing",
            "  + note_code: none when missing",
            "    facts already stated would mean another thing",
        ],
    ),
    "another sealed class": (
        {"called": Annotated[str, Seal("contact")]},
        [
            "  - called: sealed in class called",
            "  + called: sealed in class contact",
            "    facts already stated stay sealed in the old class; whoever opens one may not open the other",
        ],
    ),
    "unsealed": (
        {"called": str},
        [
            "  - called: sealed in class called",
            "  + called: text, in clear",
            "    its classification is loosened: what was sealed would lie in the log for good, readable by all",
        ],
    ),
    "sealed afterwards": (
        {"letter_id": Annotated[str, Seal("called")]},
        [
            "  - letter_id: text, in clear",
            "  + letter_id: sealed in class called",
            "    whoever reads it in clear would find a sealed text",
        ],
    ),
    "a code gone": (
        {"way": Annotated[str, Code(("post",))]},
        [
            "  - way: one of post, hand",
            "  + way: one of post",
            "    hand is gone, and facts already stated may hold it",
        ],
    ),
    "a code more": (
        {"way": Annotated[str, Code(("post", "hand", "dove"))]},
        [
            "  - way: one of post, hand",
            "  + way: one of post, hand, dove",
            "    dove is new, and whoever reads it does not know it",
        ],
    ),
    "codes opened": (
        {"way": str},
        [
            "  - way: one of post, hand",
            "  + way: text",
            "    it was one of a closed list; whoever reads it knows those codes alone",
        ],
    ),
    "codes closed": (
        {"letter_id": Annotated[str, Code(("a", "b"))]},
        [
            "  - letter_id: text",
            "  + letter_id: one of a, b",
            "    facts already stated may hold text that is none of these codes",
        ],
    ),
    "another owner": (
        {"about": {"owner": "referrals"}},
        [
            "  - said by: partners",
            "  + said by: referrals",
            "    it would come on another topic, on streams nobody followed",
        ],
    ),
    "a brake taken off": (
        {"about": {"brake": None}},
        [
            "  - restricts: sets held of letter_id",
            "  + restricts: nothing",
            "    rooms restrict by what facts already stated say of themselves",
        ],
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_a_reader_is_refused_with_the_line_that_says_so(name: str, tmp_path: Path) -> None:
    given, expected = BREAKS[name]
    brake = {"brake": Brake("held", "letter_id")} if "brake" in name else {}
    (tmp_path / "letter.sent.v1.json").write_text(text_of(a_letter(about=brake)))
    finding, *others = findings(tmp_path, {"letter.sent.v1": a_letter(**given)})
    said = finding.text().splitlines()
    assert not others
    assert finding.is_breaking
    assert said[0] == "letter.sent.v1: BREAKS WHOEVER READS IT"
    assert said[1:-2] == expected
    assert said[-2:] == [
        "  What to do: leave version 1 as it was, write letter.sent.v2 beside it with an upcaster from",
        "  version 1 (docs/events.md, Versions), then run python deploy/contract_files.py",
    ]


ADDITIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an optional field": ({"weight": (int | None, None)}, ["  + weight: whole number, or nothing; may be missing"]),
    "required made optional": ({"pages": (int, 1)}, ["  - pages: required", "  + pages: may be missing"]),
    "other words for it": (
        {"says": "A letter was posted."},
        ["  - means: A letter went out.", "  + means: A letter was posted."],
    ),
    "urgent now": (
        {"about": {"urgent": True}},
        ["  - rings behind a stuck stream: nothing", "  + rings behind a stuck stream: True"],
    ),
    "codes in another order": (
        {"way": Annotated[str, Code(("hand", "post"))]},
        ["  + the file: is written another way"],
    ),
}


@pytest.mark.parametrize("name", ADDITIONS)
def test_something_more_breaks_nobody_and_waits_for_the_command(name: str, tmp_path: Path) -> None:
    given, expected = ADDITIONS[name]
    (tmp_path / "letter.sent.v1.json").write_text(text_of(a_letter()))
    (finding,) = findings(tmp_path, {"letter.sent.v1": a_letter(**given)})
    assert not finding.is_breaking
    assert finding.text().splitlines() == [
        "letter.sent.v1: not yet in its file",
        *expected,
        "  What to do: run python deploy/contract_files.py",
    ]


def test_nothing_is_found_where_nothing_changed(tmp_path: Path) -> None:
    (tmp_path / "letter.sent.v1.json").write_text(text_of(a_letter()))
    assert findings(tmp_path, {"letter.sent.v1": a_letter()}) == []
    assert changes(schema_of(a_letter()), json.loads(text_of(a_letter()))) == []


def test_a_fact_whose_class_is_gone_is_a_break(tmp_path: Path) -> None:
    (tmp_path / "letter.sent.v1.json").write_text(text_of(a_letter()))
    (finding,) = findings(tmp_path, {})
    assert finding.is_breaking
    assert "    its class is gone; facts already stated stay, and are read for good" in finding.text().splitlines()


def test_a_new_fact_is_written_by_the_command(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, {"letter.sent.v1": a_letter()})
    assert finding.text().splitlines()[1:] == ["  + the fact: new", "  What to do: run python deploy/contract_files.py"]


def test_a_second_version_without_an_upcaster_from_the_first_is_a_break(tmp_path: Path) -> None:
    first = a_letter()
    (tmp_path / "letter.sent.v1.json").write_text(text_of(first))
    bare = findings(tmp_path, {"letter.sent.v1": first, "letter.sent.v2": a_letter(2, weight=int)})
    assert [finding.is_breaking for finding in bare] == [True]
    assert "  + upcasters: none from version 1" in bare[0].text().splitlines()
    led = a_letter(2, weight=int, about={"upcasters": {1: lambda old: {**old, "weight": 1}}})
    found = findings(tmp_path, {"letter.sent.v1": first, "letter.sent.v2": led})
    assert [(finding.type, finding.is_breaking) for finding in found] == [("letter.sent.v2", False)]
