"""Good requests changed by chance: bytes, values, fields, whole parts; the same seed draws the same again."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from tests.fuzz.corpus import CANARY
from tests.fuzz.corpus.forms import TEXTS
from tests.fuzz.corpus.hostile import HEAVY_BYTES, places, with_piece
from tests.fuzz.corpus.values import PIECES
from tests.fuzz.knocks import FORM, Good

_TOKENS = (
    b"\x00", b"\\u0000", b"\\ud800", b"\\udc00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"', b"\\",
    b"{", b"}", b"[", b"]", b",", b":", b"null", b"NaN", b"-Infinity", b"1e400", b"-0",
    b"99999999999999999999", b"2147483648", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"\xcc\x81", b"%00", b"%", b"&", b"=",
    b"+", b"\r\n", b"<", b"&amp;", b"'", b"=1+1", b"\x1f\x8b", b"<!DOCTYPE", CANARY.encode(),
    b"[" * 40, b'{"a":' * 40, b"9" * 500, b"\\u202e", b"true", b"false", b"\x7f", b"//", b"/*",
)  # fmt: skip
_LIGHT = [piece for piece, _ in PIECES.values() if len(piece) <= HEAVY_BYTES // 10]
_LIGHT_TEXTS = [text for text, _ in TEXTS.values() if len(text) <= HEAVY_BYTES // 10]
Change = Callable[[Random, bytes], bytes]


def _flip(draw: Random, body: bytes) -> bytes:
    at = draw.randrange(len(body))
    return body[:at] + bytes([body[at] ^ (1 << draw.randrange(8))]) + body[at + 1 :]


def _replace(draw: Random, body: bytes) -> bytes:
    at = draw.randrange(len(body))
    return body[:at] + bytes([draw.randrange(256)]) + body[at + 1 :]


def _insert(draw: Random, body: bytes) -> bytes:
    at = draw.randrange(len(body) + 1)
    return body[:at] + draw.choice(_TOKENS) + body[at:]


def _overwrite(draw: Random, body: bytes) -> bytes:
    at, token = draw.randrange(len(body)), draw.choice(_TOKENS)
    return body[:at] + token + body[at + len(token) :]


def _span(draw: Random, body: bytes) -> tuple[int, int]:
    at = draw.randrange(len(body))
    return at, min(len(body), at + draw.choice((1, 2, 4, 8, 16, 64)))


def _drop(draw: Random, body: bytes) -> bytes:
    start, end = _span(draw, body)
    return body[:start] + body[end:]


def _double(draw: Random, body: bytes) -> bytes:
    start, end = _span(draw, body)
    return body[:end] + body[start:end] * draw.choice((1, 1, 2, 50)) + body[end:]


def _swap(draw: Random, body: bytes) -> bytes:
    (a, b), (c, d) = sorted((_span(draw, body), _span(draw, body)))
    return body if b > c else body[:a] + body[c:d] + body[b:c] + body[a:b] + body[d:]


def _cut(draw: Random, body: bytes) -> bytes:
    return body[: draw.randrange(len(body))]


def _scramble(draw: Random, body: bytes) -> bytes:
    start, end = _span(draw, body)
    return body[:start] + draw.randbytes(end - start) + body[end:]


_CHANGES: tuple[Change, ...] = (_flip, _replace, _insert, _overwrite, _drop, _double, _swap, _cut, _scramble)


def of_bytes(good: Good, draw: Random) -> bytes:
    """The good body with one to four changes of its bytes."""
    body = good.encoded() or b"{}"
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        body = draw.choice(_CHANGES)(draw, body or b"x")
    return body


def of_values(good: Good, draw: Random) -> bytes:
    """The good body with a value, a name or a part of it changed; it stays JSON, or a form, as far as it can."""
    if good.kind == FORM:
        return _form(dict(good.body or {"name": "x"}), draw)
    value = good.body if good.body is not None else {}
    if draw.random() < 0.5:
        return with_piece(value, draw.choice(list(places(value))), draw.choice(_LIGHT))
    for _ in range(draw.choice((1, 1, 2, 3))):
        value = _change(value, draw)
    return json.dumps(value, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")


def _change(value: Any, draw: Random) -> Any:
    path = draw.choice(list(places(value)))
    return _changed(value, path, draw)


def _changed(value: Any, path: tuple[Any, ...], draw: Random) -> Any:
    if path:
        name, rest = path[0], path[1:]
        if isinstance(value, dict):
            return {**value, name: _changed(value[name], rest, draw)}
        return [_changed(one, rest, draw) if index == name else one for index, one in enumerate(value)]
    if isinstance(value, dict) and value and draw.random() < 0.8:
        return _other_names(value, draw)
    if isinstance(value, list) and value and draw.random() < 0.8:
        return _other_entries(value, draw)
    return _other(value, draw)


def _other_names(value: dict[str, Any], draw: Random) -> dict[str, Any]:
    name = draw.choice(list(value))
    rest = {key: one for key, one in value.items() if key != name}
    kinds = (
        rest,
        {**rest, f"{name}{draw.choice('s_ .')}": value[name]},
        {**value, CANARY: value[name]},
        {**value, name: None},
        {**value, name: draw.choice(list(value.values()))},
    )
    return draw.choice(kinds)


def _other_entries(value: list[Any], draw: Random) -> list[Any]:
    one = draw.choice(value)
    return draw.choice(([], value * 2, [*value, one], value[:-1], [*value, None], [value], value * 60, value[::-1]))


def _other(value: Any, draw: Random) -> Any:
    if isinstance(value, str) and draw.random() < 0.6:
        letters = "".join(
            chr(draw.choice((draw.randrange(32, 127), draw.randrange(0x80, 0x3000), draw.randrange(0x1F300, 0x1F700))))
            for _ in range(draw.randrange(1, 12))
        )
        return draw.choice(
            (
                value + letters,
                letters,
                value[::-1],
                value * draw.choice((2, 100)),
                value.upper(),
                f" {value}\n",
                value[: len(value) // 2],
            )
        )
    if isinstance(value, int | float) and not isinstance(value, bool) and draw.random() < 0.6:
        return draw.choice((value + 1, -value, value * 2**31, value * 2**40, value + 0.5, 0, str(value)))
    return draw.choice(
        (None, True, False, 0, -1, 1.5, "", " ", [], {}, [value], {CANARY: value}, str(value), CANARY, 2**31, 2**53 - 1)
    )


def _form(fields: dict[str, Any], draw: Random) -> bytes:
    pairs = [(name, text) for name, many in fields.items() for text in (many if isinstance(many, list) else [many])]
    place = draw.randrange(len(pairs))
    name, text = pairs[place]
    rest = urlencode(pairs[:place] + pairs[place + 1 :]).encode()
    if draw.random() < 0.6:
        return rest + b"&" + quote(name).encode() + b"=" + draw.choice(_LIGHT_TEXTS)
    other = str(_other(text, draw))
    kinds: tuple[list[tuple[str, str]], ...] = (
        [], [(name, other)], [(name, text), (name, other)], [(f"{name}.{CANARY}", text)], [(f"{name} ", text)],
        [(CANARY, other), (name, text)], [(name, "")], [(name, text)] * 60,
    )  # fmt: skip
    return rest + b"&" + urlencode(draw.choice(kinds), errors="surrogatepass").encode()
