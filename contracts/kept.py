"""The files kept beside the facts: the schema of each version, and one sample of it as it was stated.

Both are written by `deploy/contract_files.py`; a sample once written is never written again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

SCHEMAS = Path(__file__).parent / "schemas"
SAMPLES = Path(__file__).parent / "samples"


def schema_file(type_: str) -> str:
    """The name of the file that keeps the schema of a fact."""
    return f"{type_}.json"


def sample_file(type_: str) -> str:
    """The name of the file that keeps a sample of a fact: its headers a line each, an empty line, its body."""
    return f"{type_}.txt"


@cache
def schema_text(type_: str) -> str:
    """The schema of a fact as it is kept."""
    return (SCHEMAS / schema_file(type_)).read_text(encoding="utf-8")


@cache
def sample_bytes(type_: str) -> bytes:
    """A sample of a fact as it is kept; every sealed text in it is about somebody made up."""
    return (SAMPLES / sample_file(type_)).read_bytes()
