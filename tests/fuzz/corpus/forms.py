"""Form bodies: hostile texts in each field's place, and forms no page of ours would send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote, urlencode

from tests.fuzz.corpus.hostile import CANARY, EITHER, HEAVY_BYTES, Hostile, always
from tests.fuzz.corpus.values import _DANGEROUS, _DATES, _IDS, _STRANGE
from tests.fuzz.knocks import Good


def _texts() -> dict[str, tuple[bytes, frozenset[int]]]:
    plain = {
        **_STRANGE,
        **_DANGEROUS,
        **{f"date {text}": text for text in _DATES},
        **{f"id {text}": text for text in _IDS},
    }
    said = {name: quote(text, safe="").encode() for name, text in plain.items()}
    raw = {
        "nothing": b"", "spaces": b"+++", "tabs": b"%09%09", "line breaks": b"%0D%0A%0A%0D" + CANARY.encode(),
        "bidi": b"%E2%80%AE" + CANARY.encode(), "isolate": b"%E2%81%A6" + CANARY.encode(),
        "DEL": CANARY.encode() + b"%7F", "next line": CANARY.encode() + b"%C2%85", "bell": CANARY.encode() + b"%07",
        "escape": b"%1B[31m" + CANARY.encode(), "surrogate": b"%ED%A0%80" + CANARY.encode(),
        "overlong": b"%C0%AF" + CANARY.encode(), "overlong NUL": b"%C0%80" + CANARY.encode(),
        "not UTF-8": b"%FF%FE" + CANARY.encode(), "half a percent": CANARY.encode() + b"%",
        "no hexadecimal": b"%zz" + CANARY.encode(),
        "percent u": b"%u0000" + CANARY.encode(), "percent twice": b"%2500%252e" + CANARY.encode(),
        "semicolon": CANARY.encode() + b";a=b", "equals": b"a=b==" + CANARY.encode(),
        "raw bytes": b"\xff\xfe" + CANARY.encode(),
        "raw marks": "\ufeffKanarienvogel".encode(), "JSON": quote(json.dumps({"a": CANARY})).encode(),
        "a list": b"%5B%22" + CANARY.encode() + b"%22%5D", "true": b"true", "yes": b"yes", "on": b"on", "no": b"no",
        "one": b"1",
        "zero": b"0", "minus": b"-1", "point": b"1.5", "exponent": b"1e3", "2^31": b"2147483648",
        "2^63": b"9223372036854775808", "15 digits": b"9" * 15, "16 digits": b"9" * 16, "5,000 digits": b"9" * 5000,
        "underscore": b"1_0", "NaN": b"NaN", "Infinity": b"Infinity", "201 characters": b"x" * 201,
        "4,001 characters": b"x" * 4001, "10,000 characters": CANARY.encode() + b"x" * 10_000,
        "100,000 characters": CANARY.encode() + b"x" * 100_000, "400,000 characters": b"x" * 400_000,
        "marks of three bytes": b"%E2%82%AC" * 5000,
    }  # fmt: skip
    found = {
        name: (text, EITHER) for name, text in {**{f"text: {name}": text for name, text in said.items()}, **raw}.items()
    }
    nul = {"NUL": b"%00" + CANARY.encode(), "NUL last": CANARY.encode() + b"%00", "bare NUL": b"\x00" + CANARY.encode()}
    return {**found, **{name: (text, EITHER) for name, text in nul.items()}}


TEXTS = _texts()

_C = CANARY.encode()
WHOLE: dict[str, tuple[bytes, frozenset[int]]] = {
    "signs alone": (b"&&&=&==&", EITHER), "a bare name": (_C, EITHER), "an unknown name": (_C + b"=" + _C, EITHER),
    "no name": (b"=" + _C, EITHER), "dots": (b".=x&..=y&...=z", EITHER),
    "NUL in a name": (_C + b"%00=x", EITHER), "surrogate in a name": (b"%ED%A0%80=x", EITHER),
    "brackets": (b"a[b][c]=" + _C + b"&a[]=1&a[0]=2", EITHER),
    "prototype": (b"__proto__.is_admin=1&constructor=" + _C, EITHER),
    "a name of 10,000 characters": (b"k" * 10_000 + _C + b"=1", EITHER),
    "a name of 200,000 characters": (b"k" * 200_000 + b"=1", EITHER),
    "a name of 3,000 dots": (b"a" + b".a" * 3000 + b"=" + _C, EITHER),
    "a name of 100,000 dots": (b"a" + b".a" * 100_000 + b"=x", EITHER),
    "999 names": (b"&".join(b"f%d=" % n + _C for n in range(999)), EITHER),
    "5,000 names": (b"&".join(b"f%d=" % n + _C for n in range(5000)), EITHER),
    "60,000 names": (b"&".join(b"f%d=x" % n for n in range(60_000)), EITHER),
    "200,000 signs": (b"&" * 200_000, EITHER), "250,000 bare names": (b"a&" * 200_000, EITHER),
    "one name 100,000 times": (b"a=1&" * 100_000, EITHER),
    "10,000 dates": (b"&".join(b"d%d-day=1&d%d-month=1&d%d-year=1" % (n, n, n) for n in range(8000)), EITHER),
    "a value and a group": (b"a=1&a.b=" + _C, EITHER), "a group and a value": (b"a.b=" + _C + b"&a=1", EITHER),
    "semicolons": (b"a=1;b=2;c=" + _C, EITHER), "plus signs": (b"+=+&++=++", EITHER),
    "percent signs": (b"%" * 5000, EITHER), "not UTF-8": (b"\xff\xfe\xfd=" + _C, EITHER),
    "UTF-16": (f"name={CANARY}".encode("utf-16"), EITHER),
    "UTF-7": (b"+AG4-=x", EITHER), "a mark": (b"\xef\xbb\xbfname=" + _C, EITHER),
    "JSON": (b'{"name": "' + _C + b'"}', EITHER), "a list": (b"[1, 2, 3]", EITHER),
    "XML": (b"<a b='" + _C + b"'>&amp;</a>", EITHER),
    "NULs": (b"\x00" * 1000, EITHER), "line breaks": (b"a=1\r\nb=2\r\n", EITHER),
    "CSV": (b"=1+1,@SUM(1)\n" + _C, EITHER), "over the limit": (b"a=" + b"x" * 600_000, frozenset({413})),
    "date parts alone": (b"-day=1&-month=2&-year=3", EITHER),
    "a day alone": (b"on-day=1&starts_on-day=" + _C, EITHER),
    "hidden names": (b"_method=DELETE&csrf_token=" + _C + b"&next=https://example.org/" + _C, EITHER),
    "a key of 10,000 characters": (b"key=" + b"k" * 10_000, EITHER),
    "a key with NUL": (b"key=%00" + _C, EITHER),
    "a key of odd characters": (b"key=%E2%80%AE%F0%9F%91%A9&key=%22%3E%3Cscript%3E", EITHER),
    "keys": (b"key=1&key=2&key=" + _C, EITHER),
}  # fmt: skip


def whole(good: Good) -> Iterator[Hostile]:
    """Whole forms, and the good form doubled, cut and renamed."""
    for name, (body, must) in WHOLE.items():
        yield Hostile(f"form: {name}", always(body), must=must, is_heavy=len(body) > HEAVY_BYTES)
    fields = dict(good.body or {})
    sent = good.encoded()
    changed = {
        "doubled": sent + b"&" + sent, "cut to a half": sent[: len(sent) // 2],
        "every field 50 times": (sent + b"&") * 50, "with one more": sent + b"&" + _C + b"=" + _C,
        "backwards": sent[::-1],
        "in capitals": sent.upper(),
        "every name with a dot": urlencode({f"{name}.": text for name, text in fields.items()}, doseq=True).encode(),
        "every name with NUL": urlencode({f"{name}\0": text for name, text in fields.items()}, doseq=True).encode(),
        "every name a group": urlencode({f"{name}.{CANARY}": text for name, text in fields.items()},
        doseq=True).encode(),
        "every name and a group": sent + b"&" + urlencode({f"{name}.x": CANARY for name in fields}).encode(),
        "every name with brackets": urlencode({f"{name}[]": text for name, text in fields.items()},
        doseq=True).encode(),
        "every value the canary": urlencode(dict.fromkeys(fields, CANARY)).encode(),
        "every value blank": urlencode(dict.fromkeys(fields, "")).encode(),
        "every value twice": urlencode({name: [CANARY, CANARY] for name in fields}, doseq=True).encode(),
        "everything in percents": "".join(f"%{byte:02X}" if byte not in b"=&" else chr(byte) for byte in sent).encode(),
    }  # fmt: skip
    for name, body in changed.items():
        yield Hostile(f"form: {name}", always(body))


def in_fields(good: Good) -> Iterator[Hostile]:
    """Each text in each field, beside the others as they should be; and each field left out."""
    fields = dict(good.body or {})
    for place in fields:
        rest = urlencode({name: text for name, text in fields.items() if name != place}, doseq=True).encode()
        yield Hostile(f"{place} left out", always(rest))
        for name, (text, must) in TEXTS.items():
            make = partial(_with_text, rest, place, text)
            yield Hostile(f"{place} = {name}", make, name, must=must, is_heavy=len(text) > HEAVY_BYTES)


def _with_text(rest: bytes, place: str, text: bytes) -> bytes:
    return rest + b"&" * bool(rest) + quote(place).encode() + b"=" + text
