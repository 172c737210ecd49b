"""Every module opens with one sentence, and what others may call says in the domain's words what it does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.the_code import ROOT, called, is_public, sources

SPOKEN = [
    *sources("chassis", "contracts"),
    *(path for name in ("domain", "actions") for path in (ROOT / "services").glob(f"*/{name}.py")),
    *(path for name in ("domain", "actions") for path in (ROOT / "services").glob(f"*/{name}/*.py")),
]


def protocol_methods() -> set[str]:
    """The methods of the chassis's protocols: said once there, and not again by whoever keeps to them."""
    classes = [node for path in sources("chassis") for node in ast.walk(ast.parse(path.read_text()))]
    named = [node for node in classes if isinstance(node, ast.ClassDef)]
    protocols = [node for node in named if any(ast.unparse(base) == "Protocol" for base in node.bases)]
    return {node.name for protocol in protocols for node in protocol.body if isinstance(node, ast.FunctionDef)}


PROMISED = protocol_methods()


def silent(text: str) -> list[str]:
    """The public functions, classes and methods of a module that say nothing of themselves.

    A method that keeps to a protocol, or that a library's class asks for, is let be.
    """
    tree = ast.parse(text)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and is_public(node.name)]
    nodes: list[tuple[str, ast.AST]] = [(node.name, node) for node in classes]
    nodes += [(node.name, node) for node in tree.body if isinstance(node, ast.FunctionDef)]
    for made in classes:
        if not made.bases:
            methods = [node for node in made.body if isinstance(node, ast.FunctionDef)]
            nodes += [(f"{made.name}.{node.name}", node) for node in methods if node.name not in PROMISED]
    return [name for name, node in nodes if is_public(name) and not says(node)]


def says(node: ast.AST) -> bool:
    """Whether a module, class or function opens with a docstring."""
    return bool(ast.get_docstring(node))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", sources() + sources("tests"), ids=called)
def test_a_module_opens_with_a_sentence(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    first = said.strip().split("\n\n")[0]
    assert first.endswith((".", ":")), "open the file with one sentence that says what it is for"
    assert first[0].isupper() or first[0] == "`"


@pytest.mark.parametrize("path", SPOKEN, ids=called)
def test_what_others_may_call_says_what_it_does(path: Path) -> None:
    if "migration" in called(path):
        return
    assert silent(path.read_text()) == []


def test_a_public_function_without_a_sentence_is_caught() -> None:
    text = "def f():\n    def inner(): ...\n\ndef _g(): ...\n\nclass A:\n    def m(self): ...\n    def _n(self): ...\n"
    assert silent(text) == ["A", "f", "A.m"]
    assert silent('class A(Theirs):\n    """Ours."""\n    def m(self): ...\n') == []
    assert silent('def f():\n    """Does it."""\n') == []
