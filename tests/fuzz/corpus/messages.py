"""Partner messages: CloudEvents that are none, and bodies that look encrypted, at the door that takes them in clear."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tests.fuzz.corpus.hostile import CANARY, EITHER, REFUSED, WRONG_KIND, Hostile, always, as_json
from tests.fuzz.knocks import JSON, Good


def _coded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


_HEAD = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": CANARY}
# Five parts, as an encrypted message has in its compact form; and others that only look like it.
_OFF_CURVE = {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}
JWES: dict[str, str] = {
    "of words": ".".join([CANARY] * 5), "of nothing": "....", "of four parts": f"{_coded(_HEAD)}...",
    "of six parts": f"{_coded(_HEAD)}.....", "with an unknown key": f"{_coded(_HEAD)}..AAAA.AAAA.AAAA",
    "with no algorithm": f"{_coded({'enc': 'A256GCM'})}..AAAA.AAAA.AAAA",
    "with algorithm none": f"{_coded({**_HEAD, 'alg': 'none'})}..AAAA.AAAA.AAAA",
    "with a direct key": f"{_coded({**_HEAD, 'alg': 'dir'})}..AAAA.AAAA.AAAA",
    "with a password": f"{_coded({**_HEAD, 'alg': 'PBES2-HS256+A128KW', 'p2c': 2**31, 'p2s': 'AAAA'})}..AAAA.AAAA.AAAA",
    "compressed": f"{_coded({**_HEAD, 'zip': 'DEF'})}..AAAA.AAAA.AAAA",
    "with a key inside": f"{_coded({**_HEAD, 'jwk': {'kty': 'oct', 'k': 'AAAA'}})}..AAAA.AAAA.AAAA",
    "with a key elsewhere": f"{_coded({**_HEAD, 'jku': 'http://127.0.0.1:9/keys'})}..AAAA.AAAA.AAAA",
    "with a point off the curve": f"{_coded({**_HEAD, 'epk': _OFF_CURVE})}..AAAA.AAAA.AAAA",
    "with another curve": f"{_coded({**_HEAD, 'epk': {'kty': 'OKP', 'crv': 'X25519', 'x': 'AAAA'}})}..AAAA.AAAA.AAAA",
    "critical": f"{_coded({**_HEAD, 'crit': [CANARY], CANARY: 1})}..AAAA.AAAA.AAAA",
    "with a key id of lists": f"{_coded({**_HEAD, 'kid': [CANARY]})}..AAAA.AAAA.AAAA",
    "with a header of lists": f"{_coded([CANARY])}..AAAA.AAAA.AAAA",
    "with a deep header": base64.urlsafe_b64encode(b"[" * 20_000).decode() + "..AAAA.AAAA.AAAA",
    "no base64": f"{_coded(_HEAD)}.!!.??.**.%%",
    "signed and not encrypted": f"{_coded({'alg': 'HS256'})}.{_coded({'sub': CANARY})}.AAAA",
    "in its JSON form": json.dumps({"protected": _coded(_HEAD), "iv": "AAAA", "ciphertext": "AAAA", "tag": "AAAA",
    "recipients": []}), "of 200,000 characters": f"{_coded(_HEAD)}..{'A' * 100_000}.{'A' * 100_000}.AAAA",
}  # fmt: skip

_NAMES: dict[str, Mapping[str, Any]] = {
    "no version": {"specversion": None}, "another version": {"specversion": "0.3"},
    "a version of numbers": {"specversion": 1.0}, "no id": {"id": None}, "an empty id": {"id": ""},
    "an id of 101 characters": {"id": "x" * 101}, "an id with spaces": {"id": f"{CANARY} x"},
    "an id of other letters": {"id": "Zaunkönigin"},
    "an id of lists": {"id": [CANARY]}, "an id of numbers": {"id": 5}, "no source": {"source": None},
    "a long source": {"source": "/" + CANARY * 50}, "a source elsewhere": {"source": f"http://127.0.0.1:9/{CANARY}"},
    "no type": {"type": None}, "another type": {"type": CANARY}, "a type of ours": {"type": "message.acknowledged.v1"},
    "a type to come": {"type": "referral.sent.v2"}, "data of texts": {"data": CANARY},
    "data of lists": {"data": [CANARY]}, "data of numbers": {"data": 5}, "data of true": {"data": True},
    "no data": {"data": None}, "an empty object": {"data": {}}, "data in base64": {"data": None, "data_base64": "e30="},
    "both kinds of data": {"data_base64": "e30="},
    "another content type of data": {"datacontenttype": "application/xml"},
    "a content type of lists": {"datacontenttype": [CANARY]},
    "a schema elsewhere": {"dataschema": f"http://127.0.0.1:9/{CANARY}"}, "a subject": {"subject": CANARY},
    "a time of words": {"time": CANARY},
    "extensions": {CANARY.lower(): CANARY, "partnerid": "00000000-0000-0000-0000-000000000000"},
    "a sequence": {"sequence": "9" * 400}, "an encrypted body": {"data": JWES["with an unknown key"]},
    "an event in an event": {"data": {"specversion": "1.0", "id": "x", "source": "/", "type": "referral.sent.v1",
    "data": {}}},
}  # fmt: skip
_REFUSED_NAMES = {
    name for name in _NAMES
    if name.startswith(("no ", "another v", "another type", "an empty", "an id", "a type", "data of", "a version",
    "a long source"))
}  # fmt: skip


def _with_names(event: Any, more: Mapping[str, Any]) -> bytes:
    whole = {**copy.deepcopy(event), **more}
    return as_json({name: one for name, one in whole.items() if one is not None})


def _instead(_event: Any, text: str) -> bytes:
    return text.encode()


CHANGES: dict[str, Callable[[Any], bytes]] = {
    **{name: partial(_with_names, more=more) for name, more in _NAMES.items()},
    **{f"encrypted {name}": partial(_instead, text=text) for name, text in JWES.items()},
    "a batch": lambda event: as_json([event, event]),
    "an empty batch": lambda _event: b"[]",
}
_HEADS: dict[str, Mapping[str, str]] = {
    "nothing": {}, "as it should be": {}, "an id of other letters": {"ce-id": "Zaunkönigin"},
    "an id of the canary": {"ce-id": f"{CANARY} {CANARY}"}, "another version": {"ce-specversion": "2.0"},
    "another type": {"ce-type": CANARY}, "a long source": {"ce-source": "/" + "x" * 5000},
    "percent signs": {"ce-id": "%00%0a"}, "quotes": {"ce-id": '"x"'},
    "500 extensions": {f"ce-x{n}": CANARY for n in range(500)},
    "another content type of data": {"ce-datacontenttype": "application/xml"},
    "somebody else": {"ce-source": f"/partners/{CANARY}", "ce-partnerid": CANARY},
}  # fmt: skip


def of(good: Good) -> Iterator[Hostile]:
    """The good event changed, in its JSON form and with its envelope in headers."""
    for name, make in CHANGES.items():
        must = (
            REFUSED if name in _REFUSED_NAMES or name.startswith(("encrypted", "a batch", "an empty batch")) else EITHER
        )
        yield Hostile(f"event: {name}", partial(make, good.body), must=must)
    for name, text in JWES.items():
        yield Hostile(
            f"encrypted, as what it is: {name}", always(text.encode()), kind="application/jose", must=WRONG_KIND
        )
    data = as_json(good.body["data"])
    whole = {f"ce-{part}": str(text) for part, text in good.body.items() if part != "data"}
    for name, head in _HEADS.items():
        headers = dict(head) if name == "nothing" else {**whole, **head}
        yield Hostile(f"event in headers: {name}", always(data), kind=JSON, headers=headers)
        yield Hostile(f"event in headers, broken: {name}", always(data[:-1]), kind=JSON, headers=headers, must=REFUSED)
