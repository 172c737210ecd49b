"""The rules of systems: how a partner's own computer may show who it is, by which keys, for how long and from where."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from chassis.errors import Conflict, Fault, Invalid

from .organisations import SUSPENDED, AgreementEnded, Partner, PartnerSuspended

ACTIVE, CLOSED = "active", "closed"
STATES: Mapping[str, str] = {ACTIVE: "Active", CLOSED: "Closed"}
SIGNING_KEYS, API_KEY = "signing_keys", "api_key"
# Exactly one of these for each system, chosen when it is registered.
RS512, ED25519 = "RS512", "Ed25519"
LEAST_RSA_BITS, MOST_RSA_BITS = 2048, 8192
# Two at once: the one in use, and the one that follows it.
MOST_KEYS = 2
MOST_NETWORKS = 20
# What a JWK holds of a private or a shared key (RFC 7518, 6.2.2, 6.3.2 and 6.4.1).
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KEY_ID = re.compile(r"[\x21-\x7e]{1,100}")
_API_KEY = re.compile(r"bt_([a-z2-7]{10})_([A-Za-z0-9_-]{43})")


class KeysRefused(Invalid):
    """The public keys are not ones a system may sign in with; each fault says why."""

    says = "There is a problem with these keys."


class NetworksRefused(Invalid):
    """What stands there is not a list of addresses."""

    where = "networks"
    says = "There is a problem with these addresses."


class DaysRefused(Invalid):
    """An API key lasts a while, never for good."""

    where = "days"
    says = "Choose another number of days."


class TooManyKeys(Conflict):
    """A system has two keys at most: one in use, and the one that follows it."""

    says = "This system has two keys already. Revoke the one that is no longer used first."


class KeyIdUsed(Invalid):
    """The id of a key names one key for good, also after it was revoked."""

    where = "jwks"
    says = "One of these key ids was used by this system before. Give the new key an id of its own."


class AnotherWay(Conflict):
    """A system that signs has no API key, and the other way round."""

    says = "This system signs in the other way. Register another system for that."


class TooManySystems(Conflict):
    """A partner has so many systems that nobody knows any more what they are for."""

    says = "This partner has as many systems as one partner may have. Ask the network lead."


class SystemClosed(Conflict):
    """A closed system gets no new key."""

    says = "This system is closed. Open it again first."


@dataclass(frozen=True)
class PublicKey:
    """One public key of a system: its id, the algorithm it is for, and the parts that are kept."""

    key_id: str
    algorithm: str
    parts: Mapping[str, str]


def check_may_register(partner: Partner, *, today: Any, system_count: int, most: int) -> None:
    """Refuses a system of a partner that is suspended, whose agreement has ended, or that has too many."""
    if partner.state == SUSPENDED:
        raise PartnerSuspended()
    if partner.agreement_ends_on < today:
        raise AgreementEnded()
    if system_count >= most:
        raise TooManySystems()


def may_sign_in(state: str, partner: Partner, today: Any) -> bool:
    """Whether a system gets a pass now: it is open, and its partner neither suspended nor without an agreement."""
    return state == ACTIVE and partner.state != SUSPENDED and partner.is_covered(today)


# ---- public keys


def keys_of(key_set: Any) -> list[PublicKey]:
    """The public keys of a JSON Web Key Set, all for one algorithm; refuses what is none, with every fault at once.

    RSA keys of 2048 to 8192 bits are for RS512, OKP keys of the curve Ed25519 for Ed25519.
    """
    entries = key_set.get("keys") if isinstance(key_set, Mapping) else None
    if not isinstance(entries, list) or not entries:
        raise _refused('Paste a key set as JSON: {"keys": [...]}, with one public key or two.')
    if len(entries) > MOST_KEYS:
        raise _refused(f"A system has {MOST_KEYS} keys at most. Leave out the ones that are not used.")
    faults: list[Fault] = []
    found: list[PublicKey] = []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(_key_of(entry))
        except ValueError as fault:
            faults.append(Fault("jwks", f"Key {number}: {fault}"))
    if not faults and len({key.key_id for key in found}) != len(found):
        faults.append(Fault("jwks", "Two keys have the same kid. Give each an id of its own."))
    if not faults and len({key.algorithm for key in found}) != 1:
        faults.append(Fault("jwks", "All keys of a system are of one kind: RSA for RS512, or Ed25519."))
    if faults:
        raise KeysRefused(faults=tuple(faults))
    return found


def _refused(says: str) -> KeysRefused:
    return KeysRefused(faults=(Fault("jwks", says),))


def _key_of(entry: Any) -> PublicKey:
    if not isinstance(entry, Mapping):
        raise ValueError("this is not a key.")
    if _PRIVATE & set(entry):
        raise ValueError("this holds a private key. Make a new pair, keep its private half, and send the public half.")
    key_id = entry.get("kid")
    if not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise ValueError("give it a kid of 1 to 100 printable characters without spaces.")
    if entry.get("use", "sig") != "sig":
        raise ValueError("this key is not for signing; its use is not sig.")
    if entry.get("kty") == "RSA":
        return PublicKey(key_id, RS512, _rsa(entry))
    if entry.get("kty") == "OKP" and entry.get("crv") == "Ed25519":
        return PublicKey(key_id, ED25519, _okp(entry))
    raise ValueError("use an RSA key of 2048 bits or more, or an Ed25519 key.")


def _rsa(entry: Mapping[str, Any]) -> dict[str, str]:
    if entry.get("alg", RS512) != RS512:
        raise ValueError("an RSA key is used with RS512 here; its alg says otherwise.")
    modulus, exponent = _number(entry.get("n")), _number(entry.get("e"))
    if not LEAST_RSA_BITS <= modulus.bit_length() <= MOST_RSA_BITS:
        raise ValueError(f"an RSA key has {LEAST_RSA_BITS} to {MOST_RSA_BITS} bits here.")
    if modulus % 2 == 0 or exponent % 2 == 0 or not 65537 <= exponent < 2**32:
        raise ValueError("this RSA key is not a sound one. Make a new pair with the exponent 65537.")
    return {"kty": "RSA", "n": entry["n"], "e": entry["e"]}


def _okp(entry: Mapping[str, Any]) -> dict[str, str]:
    if entry.get("alg", ED25519) not in {ED25519, "EdDSA"}:
        raise ValueError("an Ed25519 key is used with Ed25519 here; its alg says otherwise.")
    if len(_bytes(entry.get("x"))) != 32:
        raise ValueError("its x is not the 32 bytes of an Ed25519 key.")
    return {"kty": "OKP", "crv": "Ed25519", "x": entry["x"]}


def _number(text: Any) -> int:
    return int.from_bytes(_bytes(text), "big")


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str) or len(text) > 2000 or not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise ValueError("one of its parts is missing, or is not base64url.")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("one of its parts is missing, or is not base64url.") from None


def check_may_add(state: str, way: str, wanted: str, living_count: int, more: int) -> None:
    """Refuses more keys for a closed system, one that signs in another way, or one that has two."""
    if state != ACTIVE:
        raise SystemClosed()
    if way != wanted:
        raise AnotherWay()
    if living_count + more > MOST_KEYS:
        raise TooManyKeys()


# ---- API keys


@dataclass(frozen=True)
class ApiKey:
    """One API key as it is kept: from when it is not good, or when it was revoked."""

    ends_at: datetime
    revoked_at: datetime | None


def api_key_text(prefix: str, secret: str) -> str:
    """An API key as a system is given it, once."""
    return f"bt_{prefix}_{secret}"


def parts_of(text: str) -> tuple[str, str] | None:
    """Prefix and secret of an API key, or None when the text is none."""
    found = _API_KEY.fullmatch(text)
    return (found[1], found[2]) if found else None


def is_good(key: ApiKey, now: datetime) -> bool:
    """Whether an API key opens anything now."""
    return key.revoked_at is None and now < key.ends_at


def check_days(days: int, most: int) -> None:
    """Refuses a key that would last longer than the network lets one last."""
    if not 1 <= days <= most:
        raise DaysRefused(f"An API key lasts 1 to {most} days. Enter a number of days.")


# ---- where it signs in from


def networks_of(texts: Iterable[str]) -> list[str]:
    """Addresses and networks as they are kept, each once; refuses what is none, naming the line.

    `192.0.2.7` is one address, `192.0.2.0/24` and `2001:db8::/32` are networks.
    """
    given = [text.strip() for text in texts if text.strip()]
    if len(given) > MOST_NETWORKS:
        raise NetworksRefused(f"Enter {MOST_NETWORKS} addresses or networks at most.")
    found: list[str] = []
    for number, text in enumerate(given, 1):
        try:
            network = ip_network(text)
        except ValueError:
            says = f"Line {number} is not an address or a network, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32."
            raise NetworksRefused(says) from None
        if network.prefixlen == 0:
            raise NetworksRefused(f"Line {number} is every address there is. Leave the list empty for that.")
        found.append(str(network))
    return list(dict.fromkeys(found))


def is_from(address: str, networks: Sequence[str]) -> bool:
    """Whether a request's address lies in one of the networks; with none listed it may come from anywhere.

    An IPv4 address that a socket shows as an IPv6 one is taken for what it is.
    """
    if not networks:
        return True
    try:
        here: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(here, IPv6Address) and here.ipv4_mapped:
        here = here.ipv4_mapped
    return any(here in ip_network(network) for network in networks)
