"""A good body under a wrong content type, in a wrong encoding, or with its size told wrongly; and XML in its place."""

from __future__ import annotations

import functools
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping

from tests.fuzz.corpus.hostile import CANARY, TOO_LARGE, UNREADABLE, WRONG_KIND, Hostile, always
from tests.fuzz.knocks import FORM, Good

_XML = {
    "plain": f"<referral><name>{CANARY}</name></referral>",
    "entities": f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x "{CANARY}">]><r>&x;</r>',
    "a billion laughs": '<!DOCTYPE r [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]><r>&a9;</r>",
    "a file": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
    "an address": f'<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/{CANARY}">]><r>&x;</r>',
    "a document type elsewhere": f'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/{CANARY}.dtd"><r/>',
    "a parameter entity": f'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/{CANARY}">%p;]><r/>',
    "an inclusion": '<r xmlns:xi="http://www.w3.org/2001/XInclude">'
    '<xi:include href="file:///etc/passwd" parse="text"/></r>',
    "a stylesheet": f'<?xml-stylesheet href="http://127.0.0.1:9/{CANARY}.xsl"?><r/>',
    "an envelope": '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    f"<soap:Body>{CANARY}</soap:Body></soap:Envelope>",
    "a resource": f'<Patient xmlns="http://hl7.org/fhir"><name><family value="{CANARY}"/></name></Patient>',
    "deep": "<a>" * 5000 + CANARY + "</a>" * 5000,
    "attributes": "<a " + " ".join(f'a{n}="{CANARY}"' for n in range(2000)) + "/>",
}  # fmt: skip
_XML_KINDS = (
    "application/xml",
    "text/xml",
    "application/fhir+xml",
    "application/soap+xml; charset=utf-8",
    "image/svg+xml",
)

# Content types no door reads, whatever the body.
_OTHERS = (
    "text/plain", "text/html", "text/json", "text/csv", "application/octet-stream", "application/x-yaml", "text/yaml",
    "application/x-ndjson",
    "application/json-patch+json", "application/merge-patch+json", "application/vnd.api+json",
    "application/problem+json", "application/ld+json",
    "application/jsonlines", "application/json5", "application/javascript", "application/jose", "application/jwt",
    "application/jose+json",
    "application/cloudevents-batch+json", "application/cloudevents", "application/msgpack", "application/cbor",
    "application/bson", "application/x-protobuf",
    "application/grpc", "application/zip", "application/gzip", "application/pdf",
    "application/x-www-form-urlencoded+json", "application/java-serialized-object",
    "application/x-python-pickle", "multipart/mixed; boundary=x", "multipart/related; boundary=x",
    "multipart/form-data; boundary=x", "multipart/form-data",
    "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 300}",
    "multipart/form-data; boundary=\"x\r\"", "message/http", "image/png", "*/*", "json", "/", ";",
    "application/", "application/json/json", "application/json, text/plain", "text/plain, application/json",
    "application json", "application/jsonx", f"application/{CANARY}",
    f"{CANARY}; charset={CANARY}", "application/json+fhir", "\xff\xfe/\xfd", "x" * 8000,
)  # fmt: skip
# Ways to write the door's own content type that say the same; what comes of them is the door's to say.
_SAME = (
    "{}; charset=utf-8",
    "{};charset=UTF-16",
    "{}; charset=utf-7",
    "{}; charset=" + CANARY,
    "{};",
    "{}; a=b; a=c",
    "{}; q=0.1",
    " {}",
    '{}; charset="utf-8',
)
_SHOUTED = "shouted"

KINDS: tuple[str, ...] = (*_XML, *_OTHERS, *_SAME, _SHOUTED)


def _bomb(make: Callable[[bytes], bytes]) -> bytes:
    return make(b"[" + b" " * 50_000_000 + b"]")


def _deflated(body: bytes, bits: int = -15) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, bits)
    return packer.compress(body) + packer.flush()


@functools.cache
def _bombs() -> Mapping[str, tuple[str, bytes]]:
    """Bodies that are small as they come and huge when somebody unpacks them; made once."""
    once = _bomb(functools.partial(gzip.compress, mtime=0))
    return {
        "gzip bomb": ("gzip", once), "gzip bomb in gzip": ("gzip, gzip", gzip.compress(once * 8, mtime=0)),
        "deflate bomb": ("deflate", _bomb(_deflated)),
        "zlib bomb": ("deflate", _bomb(functools.partial(_deflated, bits=15))),
    }  # fmt: skip


_BOMBS = ("gzip bomb", "gzip bomb in gzip", "deflate bomb", "zlib bomb")
_WORDS = (
    "gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "compress", "identity, gzip", "gzip, identity", "gzip;q=1.0",
    "aws-chunked", "exi", "pack200-gzip", "dcb", "unknown",
    "*", "g zip", CANARY,
)  # fmt: skip
ENCODED: tuple[str, ...] = (*_WORDS, *_BOMBS, *(f"{name} without a word" for name in _BOMBS), "packed without a word")


def of(good: Good) -> Iterator[Hostile]:
    """The content types and encodings of a door's good body."""
    body = good.encoded() or b"{}"
    for name, text in _XML.items():
        for kind in _XML_KINDS:
            yield Hostile(f"XML as {kind}: {name}", always(text.encode()), f"XML: {name}", kind, must=WRONG_KIND)
        yield Hostile(f"XML as the door's own kind: {name}", always(text.encode()), f"XML: {name}")
    yield Hostile("XML in UTF-16", always(_XML["a file"].encode("utf-16")), kind="application/xml", must=WRONG_KIND)
    for kind in _OTHERS:
        yield Hostile(f"kind {kind[:60]}", always(body), kind=kind, must=WRONG_KIND)
    other = "application/json" if good.kind == FORM else FORM
    yield Hostile("the other kind of door", always(body), kind=other, must=WRONG_KIND)
    yield Hostile("no kind", always(body), kind="", must=WRONG_KIND)
    for written in _SAME:
        yield Hostile(f"own kind as {written}", always(body), kind=written.format(good.kind))
    yield Hostile("own kind shouted", always(body), kind=good.kind.upper())
    yield from _encoded(body)
    yield from _in_parts(good, body)


def _encoded(body: bytes) -> Iterator[Hostile]:
    for word in _WORDS:
        sent = gzip.compress(body, mtime=0) if "gzip" in word.lower() else body
        yield Hostile(f"encoding {word}", always(sent), headers={"Content-Encoding": word}, must=WRONG_KIND)
    for name in _BOMBS:

        def packed(name: str = name) -> bytes:
            return _bombs()[name][1]

        word = "gzip, gzip" if "in gzip" in name else name.split()[0].replace("zlib", "deflate")
        yield Hostile(name, packed, headers={"Content-Encoding": word}, must=WRONG_KIND)
        yield Hostile(f"{name} without a word", packed, must=UNREADABLE | TOO_LARGE | {422})
    yield Hostile("packed without a word", always(gzip.compress(body, mtime=0)), must=UNREADABLE | {422})


def _in_parts(good: Good, body: bytes) -> Iterator[Hostile]:
    """The good body as a part of a form with files, which no door here takes."""
    head = b'Content-Disposition: form-data; name="body"'
    part = head + b"\r\nContent-Type: " + good.kind.encode() + b"\r\n\r\n" + body
    file = head + b'; filename="' + CANARY.encode() + b'.json"\r\n\r\n' + body
    parts = {
        "one": b"--x\r\n" + part + b"\r\n--x--\r\n", "a file": b"--x\r\n" + file + b"\r\n--x--\r\n",
        "never closed": b"--x\r\n" + part,
        "many": (b"--x\r\n" + head + b"\r\n\r\n1\r\n") * 3000 + b"--x--\r\n",
        "no head": b"--x\r\n\r\n" + body + b"\r\n--x--\r\n",
        "a long head": b"--x\r\n" + head + b"; a=" + b"y" * 100_000 + b"\r\n\r\n1\r\n--x--\r\n", "nothing": b"",
        "half a mark": b"--x",
        "a path for a name": b"--x\r\n" + head + b'; filename="../../etc/passwd"\r\n\r\n1\r\n--x--\r\n',
    }  # fmt: skip
    for name, sent in parts.items():
        must = WRONG_KIND if sent else frozenset[int]()
        yield Hostile(f"parts: {name}", always(sent), kind="multipart/form-data; boundary=x", must=must)
