"""Reads `docs/asvs.csv` beside the list of requirements, and says everything that is wrong with it."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE, IDS = ROOT / "docs" / "asvs.csv", Path(__file__).with_name("ids.csv")
COLUMNS = ["id", "level", "state", "answer", "words"]
TEST, DOCUMENT, NOT_APPLICABLE, NOT_YET = STATES = ("test", "document", "not applicable", "not yet")
# Where what is not there yet is said; each requirement by its id.
GAPS = "docs/security.md#not-yet"
# Fewer words say nothing; the longest reason still fits a line.
LEAST_WORDS = 15


@dataclass(frozen=True)
class Row:
    """One requirement: what answers it, and what that is in our own words."""

    id: str
    level: str
    state: str
    answer: str
    words: str


def read(place: Path = TABLE) -> list[Row]:
    """The rows as they stand; a table with other columns is an error of ours."""
    with place.open(newline="") as lines:
        table = csv.DictReader(lines)
        if table.fieldnames != COLUMNS:
            raise ValueError(f"{place.name} has the columns {table.fieldnames}, and not {COLUMNS}")
        return [Row(**{name: (text or "").strip() for name, text in line.items()}) for line in table]


def required() -> dict[str, str]:
    """The level of each requirement of levels 1 and 2, by its id."""
    with IDS.open(newline="") as lines:
        return {line["id"]: line["level"] for line in csv.DictReader(lines)}


def faults(rows: Sequence[Row], wanted: dict[str, str]) -> list[str]:
    """Everything that is wrong with a table, a line each: what is missing, unknown, doubled, empty or not there."""
    found = [f"{missing} is not mapped" for missing in sorted(set(wanted) - {row.id for row in rows})]
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            found.append(f"{row.id} stands twice")
        seen.add(row.id)
        if wanted.get(row.id) != row.level:
            found.append(f"{row.id} is no requirement of level {row.level}")
        found += [f"{row.id} {fault}" for fault in _faults_of(row)]
    return found


def _faults_of(row: Row) -> Iterator[str]:
    if row.state not in STATES:
        yield f"has the state {row.state!r}, which is none"
    if len(row.words) < LEAST_WORDS:
        yield "has no words that say what answers it, or why nothing does"
    if row.state == TEST or (row.state == NOT_APPLICABLE and row.answer):
        yield from fault_of_test(row.answer)
    elif row.state == DOCUMENT:
        yield from fault_of_heading(row.answer)
    elif row.state == NOT_YET:
        if row.answer != GAPS:
            yield f"is not there yet and does not lead to {GAPS}"
        elif row.id not in said_under(GAPS):
            yield f"is not said in {GAPS}"


def fault_of_test(answer: str, *, is_whole: bool = True) -> Iterator[str]:
    """What is wrong with `tests/…py::test_name`; with `is_whole` false the name of the test may be left out."""
    path, _, name = answer.partition("::")
    if not re.fullmatch(r"tests/\S+\.py", path) or not (ROOT / path).is_file():
        yield f"names the file {path!r}, which is no file of tests"
    elif name not in tests_in(path) and (name or is_whole):
        yield f"names the test {name!r}, which is not in {path}"


def fault_of_heading(answer: str) -> Iterator[str]:
    """What is wrong with `docs/….md#heading`."""
    path, _, slug = answer.partition("#")
    if not re.fullmatch(r"docs/\S+\.md", path) or not (ROOT / path).is_file():
        yield f"names the document {path!r}, which is not there"
    elif slug not in headings_in(path):
        yield f"names the heading {slug!r}, which is not in {path}"


@cache
def tests_in(path: str) -> frozenset[str]:
    """The names of the tests of a file."""
    functions = [node for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, ast.FunctionDef)]
    return frozenset(one.name for one in functions if one.name.startswith("test_"))


@cache
def headings_in(path: str) -> frozenset[str]:
    """The headings of a document, as addresses name them."""
    return frozenset(map(slug_of, re.findall(r"^#+ (.+)$", (ROOT / path).read_text(), re.MULTILINE)))


def slug_of(heading: str) -> str:
    """A heading as an address names it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@cache
def said_under(answer: str) -> frozenset[str]:
    """The requirements that are named under a heading, by their ids, until the next heading of its rank or above."""
    path, _, slug = answer.partition("#")
    lines, found, rank = (ROOT / path).read_text().splitlines(), [], 0
    for line in lines:
        marks = re.match(r"(#+) (.+)", line)
        if marks and rank and len(marks[1]) <= rank:
            break
        if marks and slug_of(marks[2]) == slug:
            rank = len(marks[1])
        if rank:
            found += re.findall(r"V\d+\.\d+\.\d+", line)
    return frozenset(found)


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """How many requirements stand at each state."""
    states = [row.state for row in rows]
    return {state: states.count(state) for state in STATES}
