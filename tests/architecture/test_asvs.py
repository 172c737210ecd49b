"""Each requirement of ASVS 5.0 is answered by a test, a document, a reason or a gap; each threat names its tests."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.asvs import table
from tests.asvs.__main__ import Outdated, drawn, without
from tests.asvs.removals import REMOVALS
from tests.asvs.table import DOCUMENT, NOT_APPLICABLE, NOT_YET, TEST, Row

ROWS, WANTED = table.read(), table.required()
SECURITY = (table.ROOT / "docs" / "security.md").read_text()
FINE = next(row for row in ROWS if row.state == TEST)
WORDS = "Words that say what answers it."


def test_there_are_253_requirements_of_levels_1_and_2() -> None:
    assert (len(WANTED), set(WANTED.values())) == (253, {"1", "2"})


def test_each_of_them_is_answered() -> None:
    assert table.faults(ROWS, WANTED) == []


def test_what_is_wrong_with_a_table_is_told() -> None:
    assert any("V1.1.1 is not mapped" in fault for fault in table.faults(ROWS[1:], WANTED))
    assert any("stands twice" in fault for fault in table.faults([*ROWS, ROWS[0]], WANTED))
    assert any("no requirement of level" in fault for fault in table.faults([replace(ROWS[0], id="V1.99.1")], WANTED))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (replace(FINE, answer="tests/unit/chassis/test_nothing.py::test_x"), "is no file of tests"),
        (replace(FINE, answer=FINE.answer.partition("::")[0] + "::test_nothing"), "which is not in tests/"),
        (replace(FINE, answer=FINE.answer.partition("::")[0]), "which is not in tests/"),
        (replace(FINE, answer="chassis/ids.py::new_token"), "is no file of tests"),
        (replace(FINE, answer=""), "is no file of tests"),
        (replace(FINE, words=""), "has no words"),
        (replace(FINE, state="fine"), "which is none"),
        (Row("V1.1.1", "2", DOCUMENT, "docs/controls.md#nothing", WORDS), "names the heading"),
        (Row("V1.1.1", "2", DOCUMENT, "docs/controls.md", WORDS), "names the heading"),
        (Row("V1.1.1", "2", DOCUMENT, "docs/nothing.md#files", WORDS), "names the document"),
        (Row("V1.1.1", "2", NOT_APPLICABLE, "", "None."), "has no words"),
        (Row("V1.1.1", "2", NOT_APPLICABLE, "tests/unit/test_nothing.py::test_x", WORDS), "is no file of tests"),
        (Row("V1.1.1", "2", NOT_YET, "docs/security.md#not-yet", WORDS), "is not said in"),
        (Row("V2.4.1", "2", NOT_YET, "docs/controls.md#files", WORDS), "does not lead to"),
    ],
)
def test_a_row_that_leads_nowhere_is_told(row: Row, fault: str) -> None:
    assert any(fault in one for one in table.faults([row], {row.id: row.level}))


def test_what_is_said_not_to_be_there_yet_is_so_in_the_table() -> None:
    assert table.said_under(table.GAPS) == {row.id for row in ROWS if row.state == NOT_YET}


def test_every_requirement_that_a_test_answers_has_a_control_to_take_out() -> None:
    assert set(REMOVALS) == {row.id for row in ROWS if row.state == TEST}
    for edits in REMOVALS.values():
        assert without(edits, table.ROOT)


def test_a_control_whose_lines_were_changed_is_told() -> None:
    with pytest.raises(Outdated):
        without([("chassis/ids.py", "a line that was never there", "")], table.ROOT)
    with pytest.raises(SyntaxError):
        without([("chassis/ids.py", "from __future__ import annotations\n", "from\n")], table.ROOT)


def test_the_same_seed_draws_the_same() -> None:
    assert [row.id for row in drawn(ROWS, 7, 25, "")] == [row.id for row in drawn(ROWS, 7, 25, "")]
    assert drawn(ROWS, 7, 25, "") != drawn(ROWS, 8, 25, "")
    assert all(row.state == TEST for row in drawn(ROWS, 7, 25, ""))


# ---- the tables of threats


def threats(text: str) -> list[list[str]]:
    """The cells of every line of a table whose third column says what holds it."""
    found, is_in = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells and cells[-1] == "Held by":
            is_in = True
        elif not cells:
            is_in = False
        elif is_in and not set(cells[0]) <= {"-"}:
            found.append(cells)
    return found


def faults_of_threat(cells: list[str]) -> list[str]:
    """What is wrong with one line: it names no test, or one that is not there."""
    named = re.findall(r"`(tests/[^`]+\.py(?:::\w+)?)`", cells[-1])
    return [f"{cells[0]}: names no test"] * (not named) + [
        f"{cells[0]}: {fault}" for one in named for fault in table.fault_of_test(one, is_whole=False)
    ]


def test_every_threat_names_the_tests_that_hold_it_and_they_are_there() -> None:
    lines = threats(SECURITY)
    assert len(lines) > 55
    assert [fault for cells in lines for fault in faults_of_threat(cells)] == []


@pytest.mark.parametrize(
    ("held_by", "fault"),
    [
        ("", "names no test"), ("the same two", "names no test"), ("`tests/unit/test_nothing.py`", "no file of tests"),
        ("`tests/unit/chassis/test_cookies.py::test_nothing`", "which is not in"),
    ],
)  # fmt: skip
def test_a_threat_that_nothing_holds_is_told(held_by: str, fault: str) -> None:
    (cells,) = threats(f"| Threat | What stands against it | Held by |\n|---|---|---|\n| one | a thing | {held_by} |\n")
    assert any(fault in one for one in faults_of_threat(cells))


def test_a_heading_is_named_as_addresses_name_it() -> None:
    assert table.slug_of("What is kept, and how it is guarded") == "what-is-kept-and-how-it-is-guarded"
    assert table.slug_of("  Not yet ") == "not-yet"


def test_the_list_of_requirements_stands_beside_the_table_with_its_source() -> None:
    assert "CC BY-SA 4.0" in Path(table.ROOT / "docs" / "sources.md").read_text()
