"""No unprotected number leaves: which files can reach what is counted, by any chain of imports."""

from __future__ import annotations

import ast
from pathlib import Path

import services.reporting as room

ROOM = Path(str(room.__file__)).parent
NAME = "services.reporting"
# What holds exact numbers, or works with them.
EXACT = {f"{NAME}.store.counting", f"{NAME}.actions.counting", f"{NAME}.actions.drawing"}


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOM).with_suffix("").parts
    return ".".join([NAME, *(part for part in parts if part != "__init__")])


FILES = {name_of(file): file for file in ROOM.rglob("*.py") if "migrations" not in file.parts}


def imports_of(module: str) -> set[str]:
    """Every module a file imports, and every name it takes from one, in full."""
    file = FILES[module]
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            where = ".".join(part for part in (package if node.level else "", node.module or "") if part)
            found |= {where} | {f"{where}.{name.name}" for name in node.names}
    return found


def reached_from(module: str) -> set[str]:
    """Every module of this room a module reaches, itself included."""
    reached, left = {module}, [module]
    while left:
        new = (imports_of(left.pop()) & FILES.keys()) - reached
        reached |= new
        left += new
    return reached


def importers_of(name: str) -> set[str]:
    return {module for module in FILES if name in imports_of(module)}


def test_the_search_follows_chains_of_imports() -> None:
    assert f"{NAME}.store.counting" in reached_from(f"{NAME}.routines")


def test_nothing_that_answers_a_request_reaches_what_is_counted() -> None:
    for door in ("routes", "pages", "schemas", "telemetry", "actions.reading"):
        assert reached_from(f"{NAME}.{door}").isdisjoint(EXACT), door


def test_only_the_counting_store_knows_the_tables_that_are_counted() -> None:
    for table in ("events_counted", "pairs", "groups", "draws"):
        known_by = importers_of(f"{NAME}.store.tables.{table}") - {f"{NAME}.store.severing"}
        assert known_by == {f"{NAME}.store.counting"}, table


def test_only_counting_and_the_draw_ask_the_counting_store() -> None:
    assert importers_of(f"{NAME}.store.counting") == {f"{NAME}.actions.counting", f"{NAME}.actions.drawing"}


def test_figures_are_protected_in_one_place_and_only_there_put_where_they_are_read() -> None:
    assert importers_of(f"{NAME}.domain.disclosure.protect") == {f"{NAME}.actions.drawing"}
    assert {module for module in FILES if "put_figures(" in FILES[module].read_text()} == {
        f"{NAME}.actions.drawing",
        f"{NAME}.store.release",
    }


def test_a_protected_figure_is_made_by_the_disclosure_step_and_read_back_from_the_release_alone() -> None:
    makers = {
        module
        for module, file in FILES.items()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Protected"
    }
    assert makers == {f"{NAME}.domain.disclosure", f"{NAME}.store.release"}
