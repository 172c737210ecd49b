"""Encryption to a published key (JWE, ECDH-ES with A256GCM on P-256): new keys, their public half, opening.

Sources: RFC 7516 to 7518; docs/sources.md, JWE. Nothing else is opened: no other algorithm, no compression, no key that
comes with the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import json_b64decode

from chassis.errors import Invalid

ALGORITHM, ENCRYPTION, CURVE = "ECDH-ES", "A256GCM", "P-256"
MEDIA_TYPE = "application/jose"
# The longest text that is opened, in bytes: a whole message of a partner's topic (events.md, Topics).
MOST_BYTES = 256 * 1024
Key = Mapping[str, Any]


class NotEncrypted(Invalid):
    """The body is no JWE in its compact form."""

    says = "The body is not encrypted. Encrypt it to the network's published key (JWE, ECDH-ES with A256GCM)."


class NotOpened(Invalid):
    """The body is a JWE and no key of ours opens it, or it was made in another way than is taken here."""

    says = (
        "The body could not be decrypted. Use the newest published key, name its kid in the header, and use ECDH-ES "
        "with A256GCM and no compression."
    )


class _Registry(jwe.JWERegistry):
    # The library's own limit is 64 KB, less than a message may hold.
    max_ciphertext_length = MOST_BYTES


# What is not named here is refused before it is looked at, compression too.
_REGISTRY = _Registry(algorithms=[ALGORITHM, ENCRYPTION])


def new_key(kid: str) -> dict[str, Any]:
    """Makes a private key, as a JWK."""
    made = ECKey.generate_key(CURVE, {"kid": kid, "use": "enc", "alg": ALGORITHM}, private=True)
    return dict(made.as_dict(private=True))


def public_of(key: Key) -> dict[str, Any]:
    """The half of a key that may be published."""
    return dict(ECKey.import_key(dict(key)).as_dict(private=False))


def seal(plain: bytes, public_key: Key) -> bytes:
    """Encrypts to a published key, as a partner does."""
    header = {"alg": ALGORITHM, "enc": ENCRYPTION, "kid": public_key["kid"]}
    return jwe.encrypt_compact(header, plain, ECKey.import_key(dict(public_key)), registry=_REGISTRY).encode()


def kid_of(body: bytes) -> str:
    """Which key a JWE says it is for; refuses what is none (NotEncrypted), and one of another make (NotOpened)."""
    parts = body.strip().split(b".")
    if len(parts) != 5:
        raise NotEncrypted()
    try:
        header = json_b64decode(parts[0])
    except (ValueError, TypeError, RecursionError):
        raise NotEncrypted() from None
    if not isinstance(header, dict) or "enc" not in header:
        raise NotEncrypted()
    is_ours = header.get("alg") == ALGORITHM and header.get("enc") == ENCRYPTION
    kid = header.get("kid")
    if not is_ours or not isinstance(kid, str):
        raise NotOpened()
    return kid


def open_with(body: bytes, keys: Mapping[str, Key]) -> bytes:
    """Gives what is encrypted in `body`, with the key among `keys` (by kid) it was made for.

    Refuses what is no JWE (NotEncrypted) and what none of the keys opens (NotOpened).
    """
    key = keys.get(kid_of(body))
    if key is None:
        raise NotOpened()
    try:
        opened = jwe.decrypt_compact(body.strip(), ECKey.import_key(dict(key)), registry=_REGISTRY)
    # What is wrong with a hostile header shows in many ways, and each of them means the same.
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, AssertionError):
        raise NotOpened() from None
    return opened.plaintext or b""
