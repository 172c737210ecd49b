"""The head of a room's chain: how far it goes and by which hash, signed, so that it can be kept where nobody can reach.

Whoever can change every row and every hash of a database still cannot make the chain pass through a head that was
published before.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.errors import Misbuilt

_FORM = "beenthere audit head 1"
_KEY_FORM = "beenthere audit key 1"
_FILE_END = ".heads"
_MIN_SECRET = 32


class HeadUnreadable(Misbuilt):
    """A file of kept heads holds something else."""


@dataclass(frozen=True)
class Head:
    """How far a room's chain goes: `place` is the count of rows sealed, `sequence` and `hash` those of the last one."""

    room: str
    place: int
    sequence: int
    hash: str
    at: datetime
    key_id: str = ""
    public_key: str = ""
    signature: str = ""

    def signed_text(self) -> bytes:
        """What is signed."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return "|".join((_FORM, self.room, str(self.place), str(self.sequence), self.hash, at)).encode()

    def line(self) -> str:
        """The head as one line of a file."""
        return json.dumps({**asdict(self), "at": self.at.astimezone(UTC).isoformat(timespec="microseconds")})


class Signer:
    """Signs heads with the network's audit key, by the first line of its secret.

    A line below it signed before and still verifies; a secret of fewer than 32 characters is refused.
    """

    def __init__(self, secret: str) -> None:
        lines = [line.strip() for line in secret.splitlines() if line.strip()]
        if not lines or any(len(line) < _MIN_SECRET for line in lines):
            raise Misbuilt(
                f"the audit key is shorter than {_MIN_SECRET} characters; take the file away and one is made"
            )
        keys = [_key_of(line) for line in lines]
        self._key = keys[0]
        # The newest first.
        self.public_keys = tuple(_text(key.public_key().public_bytes_raw()) for key in keys)
        self.public_key = self.public_keys[0]
        self.key_id = key_id_of(self.public_key)

    def sign(self, head: Head) -> Head:
        """The head with its signature and the key that verifies it."""
        made = _text(self._key.sign(head.signed_text()))
        return Head(head.room, head.place, head.sequence, head.hash, head.at, self.key_id, self.public_key, made)


def _key_of(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{_KEY_FORM}|{secret}".encode()).digest())


def key_id_of(public_key: str) -> str:
    """A short name of a public key."""
    return hashlib.sha256(public_key.encode()).hexdigest()[:16]


def is_signed(head: Head, public_keys: Iterable[str]) -> bool:
    """Whether a head was signed by one of these keys, whatever it says itself."""
    return any(_is_signed_by(head, key) for key in public_keys)


def _is_signed_by(head: Head, public_key: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(public_key)).verify(_bytes(head.signature), head.signed_text())
    except (InvalidSignature, ValueError):
        return False
    return True


def append(folder: Path, heads: Iterable[Head]) -> None:
    """Adds heads to their room's file in a folder of the operator's choice, and waits for the disk."""
    for head in heads:
        with (folder / f"{head.room}{_FILE_END}").open("a", encoding="utf-8") as file:
            file.write(head.line() + "\n")
            file.flush()
            os.fsync(file.fileno())


def read_folder(folder: Path, room: str) -> list[Head]:
    """The heads of a room kept in a folder; refuses a file that holds anything else."""
    path = folder / f"{room}{_FILE_END}"
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            given: dict[str, Any] = json.loads(line)
            found.append(Head(**{**given, "at": datetime.fromisoformat(given["at"])}))
        except (ValueError, TypeError, KeyError):
            raise HeadUnreadable(f"{path} holds something in line {number} that is no head of a chain") from None
    return found


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
