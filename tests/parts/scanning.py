"""Looks for words in raw bytes: as they are, and in the forms in which text travels."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

SHORTEST = 6


def forms_of(word: str) -> set[bytes]:
    """A word as bytes: plain, in other alphabets and spellings, percent-encoded, as JSON writes it, in base64.

    In base64 a word looks different at each of three places; what its neighbours change at both ends is left out.
    """
    plain = word.encode()
    found = {plain, word.encode("utf-16-le"), quote(word).encode(), quote(word, safe="").encode(), plain.hex().encode()}
    found |= {quote_plus(word).encode(), json.dumps(word)[1:-1].encode()}
    if not plain.isascii():
        found.add(word.encode("latin-1"))
    for before in range(3):
        text = base64.b64encode(b"\x00" * before + plain)
        core = text[(0, 2, 3)[before] :].rstrip(b"=")[: -1 if (before + len(plain)) % 3 else None]
        found |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return {form for form in found if len(form) >= SHORTEST}


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def found_in(bodies: Mapping[str, bytes], words: Iterable[str]) -> dict[str, set[str]]:
    """Which words stand in which bodies, in whatever form."""
    forms = {word: forms_of(word) for word in words}
    return {
        name: hits
        for name, body in bodies.items()
        if (hits := {word for word, shapes in forms.items() if any(shape in body for shape in shapes)})
    }


def places_of(bodies: Mapping[str, bytes], parts: Iterable[bytes]) -> set[str]:
    """Which bodies hold any of some bytes."""
    wanted = list(parts)
    return {name for name, body in bodies.items() if any(part in body for part in wanted)}
