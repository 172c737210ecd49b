"""The command that keeps schemas and samples in step writes what is new, and no break once anything was released."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts.fact import CATALOGUE
from deploy import golden_story
from deploy.contract_files import is_released, write
from tests.architecture.letters import a_letter
from tests.architecture.the_code import ROOT


@pytest.fixture(autouse=True)
def _letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares is gone after it."""
    monkeypatch.setattr("contracts.fact.CATALOGUE", dict(CATALOGUE))


def the_command(place: Path, *facts: Any, anew: bool = False) -> list[str]:
    """Runs the command on a folder of its own, for a story that tells of letters."""
    declared = {made.FACT.type: made for made in facts}
    return write(place / "schemas", place / "samples", declared, anew=anew)


@pytest.fixture
def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The story tells of letters too."""
    monkeypatch.setattr(golden_story, "STORY", (*golden_story.STORY, ("letter.sent", "partners/letter", "letter_id")))


@pytest.mark.usefixtures("_told")
def test_the_command_writes_what_is_new_and_leaves_a_sample_as_it_is(tmp_path: Path) -> None:
    assert the_command(tmp_path, a_letter()) == ["letter.sent.v1.json", "letter.sent.v1.txt"]
    kept_sample = (tmp_path / "samples" / "letter.sent.v1.txt").read_bytes()
    assert b'"pages":1' in kept_sample
    assert the_command(tmp_path, a_letter()) == []
    assert the_command(tmp_path, a_letter(weight=(int | None, None))) == ["letter.sent.v1.json"]
    assert "weight" in (tmp_path / "schemas" / "letter.sent.v1.json").read_text()
    assert (tmp_path / "samples" / "letter.sent.v1.txt").read_bytes() == kept_sample


@pytest.mark.usefixtures("_told")
def test_the_command_refuses_a_break_unless_nothing_was_released_yet(tmp_path: Path) -> None:
    the_command(tmp_path, a_letter())
    before = (tmp_path / "schemas" / "letter.sent.v1.json").read_text()
    broken = a_letter(pages=None)
    assert the_command(tmp_path, broken) == []
    assert (tmp_path / "schemas" / "letter.sent.v1.json").read_text() == before
    assert the_command(tmp_path, broken, anew=True) == ["letter.sent.v1.json", "letter.sent.v1.txt"]
    assert b"pages" not in (tmp_path / "samples" / "letter.sent.v1.txt").read_bytes()
    assert the_command(tmp_path, anew=True) == []
    assert list((tmp_path / "schemas").iterdir()) == []


def test_a_fact_that_the_story_leaves_out_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"where in the story these stand: letter\.sent\.v1"):
        the_command(tmp_path, a_letter())


def test_a_release_is_known_by_its_heading() -> None:
    assert not is_released("# Changelog\n\n## [Unreleased]\n\n### Added\n")
    assert is_released("# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-12-01\n")
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text()
