"""Every read of a store says first on whose behalf it looks, and heeds it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.the_code import ROOT, Function, called, functions, is_public

STORES = sorted([*(ROOT / "services").glob("*/store.py"), *(ROOT / "services").glob("*/store/*.py")])
# What makes a statement that reads.
READS = {"select", "exists", "text"}


def reads(node: Function) -> bool:
    """Whether a function builds a query."""
    calls = (inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return any(isinstance(call, ast.Attribute | ast.Name) and _last(call) in READS for call in calls)


def _last(call: ast.Attribute | ast.Name) -> str:
    return call.attr if isinstance(call, ast.Attribute) else call.id


def unscoped(text: str) -> list[str]:
    """The public functions of a store that read without taking `scope: Scope` first, or without looking at it."""
    found = []
    for name, node in functions(ast.parse(text)):
        if not is_public(name) or not reads(node):
            continue
        first = node.args.args[0] if node.args.args else None
        is_first = first is not None and first.arg == "scope" and ast.unparse(first.annotation or first) == "Scope"
        is_heeded = any(isinstance(inner, ast.Name) and inner.id == "scope" for inner in ast.walk(node))
        if not (is_first and is_heeded):
            found.append(name)
    return found


@pytest.mark.parametrize("path", STORES, ids=called)
def test_every_read_of_a_store_takes_a_scope_first_and_heeds_it(path: Path) -> None:
    assert unscoped(path.read_text()) == []


def test_there_are_stores_that_read() -> None:
    reading = [path for path in STORES if any(reads(node) for _name, node in functions(ast.parse(path.read_text())))]
    assert len(reading) >= 7


@pytest.mark.parametrize(
    "text",
    [
        "def one(unit, referral_id):\n    return unit.connection.execute(sa.select(referrals)).one()",
        "def one(unit, scope: Scope):\n    return run(sa.select(referrals).where(scope.own_id))",
        "def one(scope: Scope, unit):\n    return unit.connection.execute(sa.select(referrals)).one()",
        "def one(scope: str, unit):\n    return run(sa.select(referrals).where(scope))",
        "def is_there(unit):\n    return run(sa.exists().where(referrals.c.id == 1))",
        "class Referrals:\n    def one(self, unit):\n        return run(referrals.select())",
    ],
)
def test_a_read_without_a_scope_is_caught(text: str) -> None:
    assert len(unscoped(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def one(scope: Scope, unit):\n    return run(_within(scope, sa.select(referrals)))",
        "def _one(unit):\n    return run(sa.select(referrals))",
        "def add(unit, row):\n    run(sa.insert(referrals).values(row))",
    ],
)
def test_a_read_with_a_scope_a_private_part_and_a_write_are_let_through(text: str) -> None:
    assert unscoped(text) == []
