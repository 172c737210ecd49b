"""The only place that makes ids: opaque, never derived from anything about a person."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import secrets
import uuid
from collections.abc import Sequence
from typing import Protocol

_TRACE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_SPACE = uuid.UUID("5d8f3b1e-6f0c-4c55-9a51-6b1f1f6f2a10")


class Ids(Protocol):
    """Makes new opaque ids, 36 characters each."""

    def new(self) -> str: ...


class NamedIds(Ids, Protocol):
    """Makes new ids, and ids that belong to names."""

    def named(self, *names: str) -> str:
        """The id that the same names always have, and that nobody can work out from them."""
        ...


class RandomIds:
    """Ids nobody can guess; those of names take a secret to work out."""

    def __init__(self, secret: str = "") -> None:
        self._key = hashlib.sha256(f"ids|{secret}".encode()).digest()

    def new(self) -> str:
        return str(uuid.uuid4())

    def named(self, *names: str) -> str:
        return _named(self._key, names)


class SeededIds:
    """The same ids in the same order for the same seed: for tests and the made-up region only."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._key = str(seed).encode()

    def new(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def named(self, *names: str) -> str:
        return _named(self._key, names)


class DerivedIds:
    """Ids made from a cause's id, so that the same work done again makes the same things (events.md)."""

    def __init__(self, cause: str) -> None:
        self._cause = cause
        self._made = 0

    def new(self) -> str:
        self._made += 1
        return str(uuid.uuid5(_SPACE, f"{self._cause}/{self._made}"))


def _named(key: bytes, names: Sequence[str]) -> str:
    made = hashlib.blake2b("\x00".join(names).encode(), key=key, digest_size=16)
    return str(uuid.UUID(bytes=made.digest(), version=5))


def chance(seed: str) -> random.Random:
    """A source of chance that gives the same draws for the same seed; for made-up data, never for secrets."""
    return random.Random(seed)


def new_secret(size: int = 32) -> bytes:
    """Unguessable bytes, for keys and nonces."""
    return secrets.token_bytes(size)


def new_token() -> str:
    """An unguessable text of 43 characters that fits an address or a header."""
    return secrets.token_urlsafe(32)


def short_code(text_id: str) -> str:
    """Eight easily read characters that stand for an id on a screen, such as `7FK3-Q2MD`; not proof of anything."""
    digest = base64.b32encode(hashlib.sha256(text_id.encode()).digest()).decode()[:8]
    digest = digest.translate(str.maketrans("OI", "89"))
    return f"{digest[:4]}-{digest[4:]}"


def trace_parent() -> str:
    """A new W3C trace context value."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def is_trace_parent(text: str) -> bool:
    """Whether a text is a W3C trace context value."""
    return _TRACE.fullmatch(text) is not None


def jitter() -> float:
    """A factor from a half to one by which waits differ, so that many waiters do not return at once."""
    return 0.5 + secrets.randbelow(1000) / 2000
