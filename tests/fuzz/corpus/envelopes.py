"""A good body with hostile headers, or with its size told wrongly."""

from __future__ import annotations

from collections.abc import Iterator

from tests.fuzz.corpus.hostile import CANARY, EITHER, Hostile, always
from tests.fuzz.knocks import Good

# What a server in front refuses already cannot come here: line breaks and NUL in a header.
_HEADERS: tuple[tuple[str, str], ...] = (
    *(("Idempotency-Key", text) for text in ("", "short", "x" * 101, "x" * 8000, "with spaces in it", "tab\tkey-key",
    "ünïcödé-key", CANARY, "'; DROP TABLE answers; --", "=1+1+1+1+1", "\x7f" * 10)),
    *(("X-Request-ID", text) for text in ("", CANARY, "x" * 5000, "<script>alert(1)</script>",
    "{7d1f2c7e-0a53-4d2a-9a51-6b1f1f6f2a10}", "7D1F2C7E-0A53-4D2A-9A51-6B1F1F6F2A10",
    "7d1f2c7e0a534d2a9a516b1f1f6f2a10")),
    *(("X-Correlation-ID", text) for text in (CANARY, "ÿþ", "00000000-0000-0000-0000-000000000000")),
    *(("traceparent", text) for text in (CANARY, "00-" + "0" * 32 + "-" + "0" * 16 + "-00",
    "ff-" + "a" * 32 + "-" + "b" * 16 + "-01", "00-" + "x" * 5000)),
    *(("Accept", text) for text in ("application/xml", "text/html", "*/*;q=0", "application/json;q=2", CANARY,
    "a/b," * 2000, "application/problem+xml", ";;;,,,/")),
    *(("Accept-Language", text) for text in (CANARY, "x-" * 3000, "*", "en;q=9999")),
    *(("Accept-Encoding", text) for text in ("gzip;q=0", CANARY, "identity;q=0, *;q=0")),
    *(("Cookie", text) for text in (CANARY, "a=b; " * 500, f"beenthere_pass={CANARY}", "=; =;", '"', "session=ÿ")),
    *(("If-Match", text) for text in (CANARY, "*", 'W/"x"')),
    *(("Origin", text) for text in (f"https://{CANARY}.example", "null", "http://localhost:99999")),
    *(("Referer", text) for text in (f"https://example.org/?name={CANARY}", "javascript:alert(1)")),
    *(("Sec-Fetch-Site", text) for text in ("cross-site", CANARY)),
    *(("X-HTTP-Method-Override", text) for text in ("DELETE", CANARY)),
    *(("X-Forwarded-Host", text) for text in (f"{CANARY}.example", "a, b, c")),
    *(("X-Forwarded-For", text) for text in ("127.0.0.1", CANARY)),
    *(("Range", text) for text in ("bytes=0-", f"{CANARY}=1-2")),
    *(("Expect", text) for text in ("100-continue", CANARY)),
    *(("Transfer-Encoding", text) for text in ("gzip, chunked", "chunked, chunked", "identity", CANARY, "\x0bchunked")),
    *(("User-Agent", text) for text in (CANARY, "() { :; }; echo", "x" * 8000)),
    ("Forwarded", f"for={CANARY}"), ("From", f"{CANARY}@example.org"),
    ("Content-Disposition", f'attachment; filename="{CANARY}"'), ("Content-Range", "bytes 0-1/2"),
    ("Content-Language", CANARY), ("Content-Location", f"/{CANARY}"), ("Content-MD5", CANARY), ("Upgrade", "h2c"),
    ("X-Original-URL", f"/{CANARY}"), ("X-Rewrite-URL", "/demo"),
    ("Prefer", f"return={CANARY}"), ("Traceparent", ""), ("X_Request_ID", CANARY), ("Te", "trailers"),
    ("Via", CANARY), ("Max-Forwards", "0"), ("Proxy", f"http://{CANARY}"),
    ("NHSD-Target-Identifier", CANARY), ("X-Method-Override", "PATCH"),
)  # fmt: skip
_LENGTHS = (
    "0", "1", "-1", "abc", "1,1", "+5", " 5 ", "5.0", "1e3", "0x10", "", "٣", "99999999999", "9" * 500, "524288",
    "524289", CANARY,
)  # fmt: skip


def of(good: Good) -> Iterator[Hostile]:
    """Headers one at a time, and every way to tell a size."""
    body = good.encoded() or b"{}"
    for name, text in _HEADERS:
        yield Hostile(f"header {name} of {len(text)}: {text[:40]}", always(body), headers={name: text}, must=EITHER)
    for length in _LENGTHS:
        yield Hostile(f"a length of {length[:20]!r}", always(body), length=length)
    yield Hostile("in chunks", always(body), is_chunked=True)
    yield Hostile("nothing in chunks", always(b""), is_chunked=True)
    yield Hostile("chunks never put together", always(b'5\r\n{"a":\r\n0\r\n\r\n'), is_chunked=True)
    yield Hostile("too much in chunks", always(b'{"a": "' + b"x" * 600_000 + b'"}'), is_chunked=True, is_heavy=True)
    yield Hostile("nothing", always(b""))
