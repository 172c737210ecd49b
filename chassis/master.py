"""The master key: what wraps the epoch keys of the key store, and so in the end everything that is sealed.

Three methods, so that it can be a file on this machine, or stay with a service that never gives it away
(chassis/transit.py; docs/keys.md).
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.errors import Misbuilt, Retry
from chassis.ids import new_secret

_NONCE_BYTES = 12
_LEAST_LENGTH = 32


class MasterKeyUnknown(Misbuilt):
    """The master key does not open the key store."""

    says = "The master key does not open this key store. Put back the one it was made with."


class MasterKeyShort(Misbuilt):
    """A line of the master key's file is so short that it could be guessed."""

    says = (
        "Each line of the master key's file must have 32 characters or more, such as `openssl rand -base64 36` gives."
    )


class MasterKeyAway(Retry):
    """Whoever keeps the master key does not answer, or not to us."""

    says = "The master key cannot be used just now. Nothing was lost. Try again in a moment."


class MasterKey(Protocol):
    """What the key store asks of a master key; `about` says what a key is for, and is bound to what is wrapped."""

    def name(self) -> str:
        """What wraps from now on, in words that are no secret."""
        ...

    def wrap(self, key: bytes, about: bytes) -> bytes:
        """A key made unreadable without the master key; MasterKeyAway when it cannot be asked."""
        ...

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        """The key inside; MasterKeyUnknown for what another wrapped or was for something else, MasterKeyAway."""
        ...


class FileMaster:
    """The master key as a file holds it: one a line, the first wraps, those below it still open what they wrapped."""

    def __init__(self, secret: str) -> None:
        lines = [line.strip().encode() for line in secret.splitlines() if line.strip()]
        if not lines or min(map(len, lines)) < _LEAST_LENGTH:
            raise MasterKeyShort()
        self._masters = [AESGCM(hashlib.sha256(b"beenthere master key|" + line).digest()) for line in lines]
        self._name = hashlib.sha256(b"beenthere master name|" + lines[0]).hexdigest()[:8]

    def name(self) -> str:
        return f"file {self._name}"

    def wrap(self, key: bytes, about: bytes) -> bytes:
        return wrap(self._masters[0], key, about)

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        for master in self._masters:
            try:
                return unwrap(master, wrapped, about)
            except InvalidTag:
                continue
        raise MasterKeyUnknown()


class MovedMaster:
    """A master key that took over from another: it alone wraps, and what the other wrapped still opens."""

    def __init__(self, new: MasterKey, old: MasterKey) -> None:
        self._new, self._old = new, old

    def name(self) -> str:
        return self._new.name()

    def wrap(self, key: bytes, about: bytes) -> bytes:
        return self._new.wrap(key, about)

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        try:
            return self._old.unwrap(wrapped, about)
        except MasterKeyUnknown:
            return self._new.unwrap(wrapped, about)


def wrap(wrapper: AESGCM, key: bytes, about: bytes) -> bytes:
    """A key made unreadable without `wrapper`, bound to what it is for."""
    nonce = new_secret(_NONCE_BYTES)
    return nonce + wrapper.encrypt(nonce, key, about)


def unwrap(wrapper: AESGCM, wrapped: bytes, about: bytes) -> bytes:
    """The key inside; InvalidTag by another wrapper, or for what it was not wrapped for."""
    return wrapper.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], about)
