"""Sizes as a smell: a file over 300 lines or a function over 40 is reported, over 400 or 60 fails."""

from __future__ import annotations

import ast
import functools
import statistics
import warnings
from collections.abc import Mapping

from tests.architecture.the_code import called, functions, length, sources

REPORTED = {"file": 300, "function": 40}
LIMIT = {"file": 400, "function": 60}
MEDIAN = 120
# What is longer, and why it is not better in two.
EXCEPTIONS: Mapping[str, str] = {
    "tests/integration/referrals/test_partners_on_kafka.py": "what partners may do at one real broker",
}

# Migrations are written by a tool and never changed; their length is no one's choice.
LOOKED_AT = [path for path in sources() + sources("tests") if "migrations" not in path.parts]


@functools.cache
def sizes() -> dict[str, tuple[str, int]]:
    """Every file and function with its kind and its lines."""
    found = {}
    for path in LOOKED_AT:
        text = path.read_text()
        found[called(path)] = ("file", len(text.splitlines()))
        for name, node in functions(ast.parse(text)):
            found[f"{called(path)}:{name}"] = ("function", length(node))
    return found


def over(limit: Mapping[str, int], found: Mapping[str, tuple[str, int]]) -> dict[str, int]:
    """What is longer than a limit, longest first."""
    longer = {name: lines for name, (kind, lines) in found.items() if lines > limit[kind]}
    return dict(sorted(longer.items(), key=lambda item: -item[1]))


def test_nothing_is_too_long_but_what_is_named_here() -> None:
    growing = over(REPORTED, sizes())
    if growing:
        warnings.warn("\n".join(["growing:", *(f"  {lines} {name}" for name, lines in growing.items())]), stacklevel=1)
    assert set(over(LIMIT, sizes())) - set(EXCEPTIONS) == set()


def test_what_is_named_here_is_still_too_long() -> None:
    assert set(EXCEPTIONS) - set(over(LIMIT, sizes())) == set()


def test_half_of_the_source_files_are_short() -> None:
    lines = [len(path.read_text().splitlines()) for path in LOOKED_AT if called(path).split("/")[0] != "tests"]
    assert statistics.median(lines) < MEDIAN


def test_what_is_too_long_is_caught() -> None:
    found = {"a.py": ("file", 401), "a.py:f": ("function", 61), "b.py": ("file", 400), "b.py:f": ("function", 60)}
    assert set(over(LIMIT, found)) == {"a.py", "a.py:f"}


def test_a_docstring_is_not_counted_and_inner_functions_are_seen() -> None:
    tree = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    def g():\n        return 1\n    return g\n')
    assert [(name, length(node)) for name, node in functions(tree)] == [("f", 4), ("f.g", 2)]
