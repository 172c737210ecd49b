"""Sealing of personal text: AES-256-GCM bound to the human being, the class and the field it was sealed for.

A token is `s1.<class>.<owner id>.<base64url of nonce and ciphertext>`, where a class of several fields reads
`<class>~<field>`; with its key gone it opens to `REDACTED`.
Keys are fetched before a transaction opens, never inside one (events.md, SQLite): a `Ring` holds them for one knock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.errors import Misbuilt, Park
from chassis.ids import new_secret

_MARK = "s1"
_FIELD = "~"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_MARK_DIGITS = 32


class Redacted:
    """Stands where a forgotten human being's text was; false, prints as nothing personal, equal only to itself."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return "forgotten"

    def __repr__(self) -> str:
        return "REDACTED"


REDACTED: Final = Redacted()


class TokenBroken(Park):
    """A sealed text was altered, or stands in a place it was not sealed for."""

    says = "A sealed text does not open; it was altered or moved."


class KeyNotPrepared(Misbuilt):
    """A key was wanted inside a transaction that nobody had fetched before it opened."""


Pair = tuple[str, str]  # owner id, sealed class


class KeyStore(Protocol):
    """Where the keys live; shared by the rooms, each with its own grants."""

    def fetch(self, pairs: Iterable[Pair]) -> dict[Pair, bytes | None]:
        """Gives each key that exists, and None for one whose owner is forgotten or never had one."""
        ...

    def make(self, pairs: Iterable[Pair]) -> dict[Pair, bytes]:
        """Gives each key, made now if it was never made; refuses a forgotten owner."""
        ...


class Ring:
    """The keys of one knock, fetched beforehand."""

    def __init__(self, keys: Mapping[Pair, bytes | None]) -> None:
        self._keys = dict(keys)

    def seal(self, owner_id: str, sealed_class: str, value: Any, *, field: str = "") -> str:
        """Seals text or a JSON value for one human being and class; gives the token.

        `field` tells several fields of one class apart; a class with one field needs none.
        """
        key = self._keys.get((owner_id, sealed_class))
        if key is None:
            raise KeyNotPrepared(f"no key of class {sealed_class} was prepared for this knock")
        where = f"{sealed_class}{_FIELD}{field}" if field else sealed_class
        nonce = new_secret(_NONCE_BYTES)
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        sealed = nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(owner_id, where))
        return f"{_MARK}.{where}.{owner_id}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def open(self, token: str, *, owner_id: str | None = None, field: str = "") -> Any:
        """Gives the value sealed in `token`, or REDACTED when its key is gone.

        One sealed for another field is refused as TokenBroken; so is, with `owner_id`, one sealed for anyone else.
        """
        sealed_class, owner, body = read_token(token)
        where = f"{sealed_class}{_FIELD}{field}" if field else sealed_class
        if (owner_id is not None and owner != owner_id) or not token.startswith(f"{_MARK}.{where}."):
            raise TokenBroken()
        if (owner, sealed_class) not in self._keys:
            raise KeyNotPrepared(f"no key of class {sealed_class} was prepared for this knock")
        key = self._keys[owner, sealed_class]
        if key is None:
            return REDACTED
        try:
            plain = AESGCM(key).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _bound_to(owner, where))
        except InvalidTag:
            raise TokenBroken() from None
        return json.loads(plain)

    def open_text(self, token: str | None, otherwise: str = "", *, field: str = "") -> str:
        """Gives the text sealed in `token` for a screen: `otherwise` when there is none, "forgotten" when redacted."""
        return str(self.open(token, field=field)) if token else otherwise

    def mark(self, owner_id: str, sealed_class: str, text: str) -> str:
        """A keyed hash of a text, in 32 hexadecimal digits: equal for equal texts, telling nothing without the key."""
        key = self._keys.get((owner_id, sealed_class))
        if key is None:
            raise KeyNotPrepared(f"no key of class {sealed_class} was prepared for this knock")
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_MARK_DIGITS]

    def joined(self, other: Ring) -> Ring:
        """A ring with the keys of both."""
        return Ring({**self._keys, **other._keys})


class Vault:
    """Makes rings from the key store for one service."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store

    def make(self, owner_id: str, classes: Iterable[str]) -> Ring:
        """A ring that can seal for `owner_id` in each class; keys never made before are made now."""
        return Ring(self._store.make((owner_id, name) for name in classes))

    def ring(self, tokens: Iterable[str | None]) -> Ring:
        """A ring that opens these tokens, fetched in one batch; None among them is passed over."""
        pairs = {(owner, name) for name, owner, _ in (read_token(token) for token in tokens if token)}
        return Ring(self._store.fetch(pairs) if pairs else {})


def read_token(token: str) -> tuple[str, str, bytes]:
    """Splits a token into class, owner id and sealed bytes; refuses what is no token."""
    parts = token.split(".")
    if len(parts) != 4 or parts[0] != _MARK:
        raise TokenBroken()
    try:
        body = base64.urlsafe_b64decode(parts[3] + "=" * (-len(parts[3]) % 4))
    except ValueError:
        raise TokenBroken() from None
    if len(body) < _NONCE_BYTES + _TAG_BYTES:
        raise TokenBroken()
    return parts[1].partition(_FIELD)[0], parts[2], body


def is_token(text: object, sealed_class: str) -> bool:
    """Says whether `text` has the shape of a sealed token of this class."""
    return isinstance(text, str) and text.startswith((f"{_MARK}.{sealed_class}.", f"{_MARK}.{sealed_class}{_FIELD}"))


def _bound_to(owner_id: str, where: str) -> bytes:
    return f"{_MARK}|{where}|{owner_id}".encode()
