"""Reads the house's own source for the tests of its rules: which files, which functions, which classes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("contracts", "chassis", "services", "demo", "deploy", "bench")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*folders: str) -> list[Path]:
    """Every Python file of these folders (all but tests when none is named), sorted."""
    places = [ROOT / folder for folder in folders or OURS]
    return sorted(path for place in places for path in place.rglob("*.py"))


def called(path: Path) -> str:
    """A path as one reads it in the project."""
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.AST, before: str = "") -> Iterator[tuple[str, Function]]:
    """Each function with its dotted name inside the module, methods and inner functions too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function | ast.ClassDef):
            name = f"{before}{node.name}"
            if isinstance(node, Function):
                yield name, node
            yield from functions(node, f"{name}.")
        else:
            yield from functions(node, before)


def length(node: Function) -> int:
    """Lines from `def` to the last, without its docstring: a function may say much and do little."""
    end = node.end_lineno or node.lineno
    said = node.body[0] if ast.get_docstring(node) else None
    return end - node.lineno + 1 - ((said.end_lineno or 0) - said.lineno + 1 if said else 0)


def is_public(name: str) -> bool:
    """Whether every part of a dotted name may be used from outside."""
    return not any(part.startswith("_") for part in name.split("."))
