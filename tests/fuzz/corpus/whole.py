"""Whole bodies in JSON's place: no JSON at all, JSON of another shape, good bodies cut, doubled, oddly written."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from tests.fuzz.corpus.hostile import (
    CANARY,
    EITHER,
    HEAVY_BYTES,
    REFUSED,
    TOO_LARGE,
    UNREADABLE,
    Hostile,
    always,
    as_json,
    places,
    with_piece,
)  # fmt: skip
from tests.fuzz.knocks import Good

_NO_JSON: dict[str, bytes] = {
    "spaces": b"   ", "line breaks": b"\r\n\r\n", "a bare word": CANARY.encode(),
    "YAML": f"name: {CANARY}\n- a\n".encode(), "TOML": f'name = "{CANARY}"'.encode(),
    "CSV": f"name,age\n{CANARY},5\n".encode(), "CSV with formulas": f"=1+1,@SUM({CANARY})\n".encode(),
    "JSONP": f'callback({{"a": "{CANARY}"}})'.encode(),
    "a prefix": b")]}',\n{}", "lines of JSON": f'{{"a": 1}}\n{{"a": "{CANARY}"}}\n'.encode(),
    "a record separator": b"\x1e{}\n", "JSON5": f"{{a: '{CANARY}',}}".encode(),
    "HTML": f"<html><body>{CANARY}</body></html>".encode(), "a form": f"name={CANARY}&age=5".encode(),
    "XML": f"<a>{CANARY}</a>".encode(), "a script": b"#!/bin/sh\necho hello",
    "MessagePack": b"\x81\xa4name\xad" + CANARY.encode(), "CBOR": b"\xa1dname\x6d" + CANARY.encode(),
    "BSON": b"\x16\x00\x00\x00\x02a\x00\x06\x00\x00\x00Kanar\x00\x00",
    "protobuf": b"\x0a\x0d" + CANARY.encode(), "a ZIP": b"PK\x03\x04\x14\x00" + CANARY.encode(),
    "a PDF": b"%PDF-1.7\n" + CANARY.encode(), "a PNG": b"\x89PNG\r\n\x1a\n",
    "a pickle": b"\x80\x04\x8c\x02os\x94\x8c\x06system\x93\x94.",
    "Java": b"\xac\xed\x00\x05t\x00\x0d" + CANARY.encode(), "ELF": b"\x7fELF\x02\x01\x01",
    "NUL alone": b"\x00", "NULs": b"\x00" * 1000, "byte ff": b"\xff" * 100, "a mark alone": b"\xef\xbb\xbf",
    "a UTF-16 mark alone": b"\xff\xfe", "an opening": b"{", "a closing": b"}",
    "a bracket": b"[", "a quote": b'"', "a colon": b":", "a comma": b",", "a backslash": b"\\",
    "half an escape": b'"\\u', "a bare escape": b'"\\"', "HTTP in HTTP": f"GET /{CANARY} HTTP/1.1\r\n\r\n".encode(),
    "never closed lists": b"[" * 100_000, "never closed objects": b'{"a":' * 80_000,
    "never closed quotes": b'"' * 100_001, "backslashes": b'"' + b"\\" * 100_001,
    "only commas": b"[" + b"," * 100_000 + b"]", "lists 400,000 deep": b"[" * 200_000 + b"]" * 200_000,
    "zeros": b"0" * 100_000, "a name without end": b'{"' + b"a" * 100_000,
    "a number without end": b"9" * 500_000, "exponents": b"1" + b"e1" * 1000, "UTF-7": b"+AHsAIgBhACI-: 1}",
    "mixed line ends": b'{"a"\r:\n1\x0b}',
}  # fmt: skip
_OTHER_SHAPES: dict[str, bytes] = {
    "null": b"null", "true": b"true", "a number": b"5", "a text": f'"{CANARY}"'.encode(), "an empty text": b'""',
    "an empty list": b"[]", "an empty object": b"{}",
    "a list of empty objects": b"[{}, {}]", "a list of 20,000 nulls": b"[" + b"null," * 20_000 + b"null]",
    "a list of lists": b"[[[]]]", "an empty name": b'{"": 1}',
    "an unknown name": f'{{"{CANARY}": "{CANARY}"}}'.encode(),
    "names of the machinery": f'{{"__proto__": 1, "constructor": 2, "__class__": 3, "self": "{CANARY}"}}'.encode(),
    "1,000 unknown names": ("{" + ",".join(f'"{CANARY}{n}": {n}' for n in range(1000)) + "}").encode(),
    "30,000 unknown names": ("{" + ",".join(f'"{n}": {n}' for n in range(30_000)) + "}").encode(),
    "a name of 100,000 characters": f'{{"{"k" * 100_000}{CANARY}": 1}}'.encode(),
    "names with dots": f'{{"person.name": "{CANARY}", "person..name": 1, ".": 2}}'.encode(),
    "names with slashes": f'{{"/a~0b/~1": "{CANARY}", "~": 1, "/": 2}}'.encode(),
    "names that are numbers": f'{{"0": "{CANARY}", "1.5": 1, "-1": 2, "007": 3}}'.encode(),
    "names with marks": f'{{"<b>{CANARY}</b>": 1, "\\"quoted\\"": 2, "a b": 3, "\\n": 4}}'.encode(),
    "names with odd characters": f'{{"\\u202e{CANARY}": 1, "\\u200b": 2, "\\ufeff": 3}}'.encode(),
    "very many spaces": b"{" + b" " * 400_000 + b"}", "very many line breaks": b"{" + b"\n" * 100_000 + b"}",
    "an operation": b'[{"op": "add", "path": "/is_admin", "value": true}]',
    "a query": f'{{"query": "{{ people {{ name }} }}", "variables": {{"a": "{CANARY}"}}}}'.encode(),
    "a call": f'{{"jsonrpc": "2.0", "method": "{CANARY}", "params": [], "id": 1}}'.encode(),
    "a bundle": b'{"resourceType": "Bundle", "type": "batch", "entry": []}',
}  # fmt: skip
_LARGE = {"over the limit": b'{"a": "' + b"x" * 600_000 + b'"}', "far over the limit": b"[" + b"0," * 2_000_000 + b"0]"}

BODIES: dict[str, tuple[bytes, frozenset[int]]] = {
    **{name: (body, UNREADABLE) for name, body in _NO_JSON.items()},
    **{name: (body, EITHER) for name, body in _OTHER_SHAPES.items()},
    **{name: (body, TOO_LARGE) for name, body in _LARGE.items()},
}


def _escaped(value: Any) -> bytes:
    """Every character of every text as an escape: unusual, and the same JSON."""
    plain = json.dumps(value)
    parts = plain.split('"')
    return '"'.join(
        _escapes(part) if index % 2 and "\\" not in part else part for index, part in enumerate(parts)
    ).encode()


def _escapes(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


def _with_doubled(value: Any, *, escaped: bool = False) -> bytes:
    """The first name of an object once more at its end; nothing to double leaves a body that is none."""
    if not isinstance(value, dict) or not value:
        return b'{"a": 1, "a": 2}'
    name = next(iter(value))
    written = _escapes(name) if escaped else name
    return as_json(value)[:-1] + f', "{written}": "{CANARY}"}}'.encode()


def _doubled_deeper(value: Any) -> bytes:
    """A name twice in the innermost object there is."""
    objects = [path for path in places(value) if path and isinstance(_at(value, path), dict) and _at(value, path)]
    if not objects:
        return b'{"a": {"b": 1, "b": 2}}'
    inner = _at(value, objects[-1])
    return with_piece(value, objects[-1], _with_doubled(inner))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def _renamed(change: Callable[[str], str]) -> Callable[[Any], bytes]:
    """Each name of the outermost object changed; a list or a bare value gets an object of one name."""

    def made(value: Any) -> bytes:
        known = value if isinstance(value, dict) else {"name": CANARY}
        return as_json({change(name): one for name, one in known.items()})

    return made


def _lookalike(name: str) -> str:
    return name.translate(str.maketrans("aeopcyx", "аеорсух"))


OF_GOOD: dict[str, tuple[Callable[[Any], bytes], frozenset[int]]] = {
    "cut to one byte": (lambda value: as_json(value)[:1], UNREADABLE),
    "cut to a quarter": (lambda value: as_json(value)[: max(1, len(as_json(value)) // 4)], UNREADABLE),
    "cut to a half": (lambda value: as_json(value)[: max(1, len(as_json(value)) // 2)], UNREADABLE),
    "cut by one byte": (lambda value: as_json(value)[:-1], UNREADABLE),
    "without its first byte": (lambda value: as_json(value)[1:], UNREADABLE),
    "backwards": (lambda value: as_json(value)[::-1], UNREADABLE),
    "twice": (lambda value: as_json(value) * 2, UNREADABLE),
    "twice in a list": (lambda value: as_json([value, value]), EITHER),
    "in an object": (lambda value: as_json({"data": value}), EITHER),
    "as a text": (lambda value: as_json(as_json(value).decode()), EITHER),
    "in base64": (lambda value: base64.b64encode(as_json(value)), UNREADABLE),
    **{
        f"and then {name}": (lambda value, more=more: as_json(value) + more, UNREADABLE)  # type: ignore[misc]
        for name, more in {
            "a bracket": b"}",
            "a comma": b",",
            "a word": CANARY.encode(),
            "NUL": b"\x00",
            "another value": b' {"a": 1}',
            "a comment": b" // hello",
            "a mark": b"\xef\xbb\xbf",
            "DEL": b"\x7f",
            "a byte": b"\xff",
            "an end of file": b"\x1a",
            "a semicolon": b";",
        }.items()
    },
    **{
        f"after {name}": (lambda value, less=less: less + as_json(value), UNREADABLE)  # type: ignore[misc]
        for name, less in {
            "a mark": b"\xef\xbb\xbf",
            "two marks": b"\xef\xbb\xbf" * 2,
            "a zero width space": "\u200b".encode(),
            "NUL": b"\x00",
            "a vertical tab": b"\x0b",
            "a no-break space": "\u00a0".encode(),
            "a comment": b"/* x */",
            "a word": CANARY.encode(),
        }.items()
    },
    **{
        f"in {name}": (lambda value, name=name: as_json(value).decode().encode(name), UNREADABLE)  # type: ignore[misc]
        for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-8-sig", "cp037")
    },
    "spread out": (lambda value: json.dumps(value, indent=40).encode(), EITHER),
    "in escapes": (_escaped, EITHER),
    "a name twice": (_with_doubled, UNREADABLE),
    "a name twice, once in escapes": (lambda value: _with_doubled(value, escaped=True), UNREADABLE),
    "a name twice, deeper": (_doubled_deeper, UNREADABLE),
    "names in capitals": (_renamed(str.upper), REFUSED),
    "names that look alike": (_renamed(_lookalike), EITHER),
    "names with a space": (_renamed(lambda name: f"{name} "), REFUSED),
    "names with a zero width space": (_renamed(lambda name: f"{name}\u200b"), REFUSED),
    "names with a mark": (_renamed(lambda name: f"\ufeff{name}"), REFUSED),
    "names decomposed": (_renamed(lambda name: unicodedata.normalize("NFD", f"{name}é")), REFUSED),
    "names in fullwidth": (_renamed(lambda name: "".join(chr(ord(letter) + 0xFEE0) for letter in name)), REFUSED),
    "names with NUL": (_renamed(lambda name: f"{name}\x00"), UNREADABLE),
    "names with dots more": (_renamed(lambda name: f"{name}.{CANARY}"), REFUSED),
    "an unknown name more": (
        lambda value: as_json({**(value if isinstance(value, dict) else {}), CANARY: CANARY}),
        REFUSED,
    ),
    "unknown names everywhere": (lambda value: as_json(_with_unknown(value)), REFUSED),
    "all values null": (lambda value: as_json(_all(value, None)), EITHER),
    "all values the canary": (lambda value: as_json(_all(value, CANARY)), EITHER),
    "all values true": (lambda value: as_json(_all(value, True)), EITHER),
    "all values large": (lambda value: as_json(_all(value, 2**53 - 1)), EITHER),
    "all values lists": (lambda value: as_json(_all(value, [])), EITHER),
    "all values objects": (lambda value: as_json(_all(value, {})), EITHER),
}


def _all(value: Any, new: Any) -> Any:
    if isinstance(value, dict):
        return {name: _all(one, new) for name, one in value.items()}
    if isinstance(value, list):
        return [_all(one, new) for one in value]
    return new


def _with_unknown(value: Any) -> Any:
    if isinstance(value, dict):
        return {**{name: _with_unknown(one) for name, one in value.items()}, f"{CANARY}s": CANARY}
    return [_with_unknown(one) for one in value] if isinstance(value, list) else value


def of(good: Good) -> Iterator[Hostile]:
    """Every whole body for a door that reads JSON."""
    for name, (body, must) in BODIES.items():
        yield Hostile(name, always(body), must=must, is_heavy=len(body) > HEAVY_BYTES)
    value = good.body if good.body is not None else {}
    for name, (make, must) in OF_GOOD.items():
        yield Hostile(name, lambda make=make: make(value), must=must)  # type: ignore[misc]
