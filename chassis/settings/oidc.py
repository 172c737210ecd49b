"""What is set about an identity provider that signs people in: who it is, who we are there, and what we ask of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

SigningKey = RSAKey | ECKey | OKPKey
# Signatures by key pairs alone: what one secret signs, or nothing does, is never believed.
_KINDS: Mapping[str, type[SigningKey]] = {
    **{f"{family}{size}": RSAKey for family in ("RS", "PS") for size in (256, 384, 512)},
    "ES256": ECKey,
    "ES384": ECKey,
    "ES512": ECKey,
    "Ed25519": OKPKey,
}
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "Ed25519": "Ed25519"}
_LEAST_RSA_BITS = 2048
_ISSUER = re.compile(r"(https://[A-Za-z0-9.-]+|http://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?(/[A-Za-z0-9._~%/-]*)?")
_CLAIM = re.compile(r"[A-Za-z0-9_.:/-]{1,100}")
_LONGEST_NAME = 60


@dataclass(frozen=True)
class OidcSettings:
    """An OpenID provider as we believe it and nothing else of it; without an issuer there is none."""

    issuer: str = ""
    # Who we are there, and the key that proves it; `key_id` when the provider gave the key a name of its own.
    client_id: str = ""
    key_file: Path | None = None
    key_algorithm: str = "RS256"
    key_id: str = ""
    # Algorithms an identity token may be signed with; what the provider says of itself changes nothing.
    algorithms: tuple[str, ...] = ("RS256",)
    # The words on the button.
    name: str = "Sign in with your organisation"
    scope: str = "openid"
    # One of these is asked for (`acr_values`) and must come back as `acr`; empty asks for none.
    acr: tuple[str, ...] = ()
    # Claims that must hold a whole number, and the least of each: `authentication_assurance_level:2`.
    assurance: Mapping[str, int] = field(default_factory=dict)
    # Which claim holds an e-mail address, for nothing but showing it to the human being it is of.
    email_claim: str = "email"

    def __bool__(self) -> bool:
        return bool(self.issuer)


NAMES = frozenset(f"oidc_{one.name}" for one in fields(OidcSettings))


def value(name: str, text: str) -> Any:
    """The value of one setting, by its name without `oidc_`; raises ValueError in plain words."""
    if name == "key_file":
        return Path(text) if text else None
    if name in {"algorithms", "acr"}:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name == "assurance":
        return dict(_claim_and_least(part.strip()) for part in text.split(",") if part.strip())
    return text


def _claim_and_least(text: str) -> tuple[str, int]:
    claim, _, least = text.rpartition(":")
    if not _CLAIM.fullmatch(claim) or not least.isascii() or not least.isdigit():
        raise ValueError("must be claims with the least each may hold, such as authentication_assurance_level:2")
    return claim, int(least)


def faults(settings: OidcSettings, given: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with these settings together; `given` are those that were set, by their names."""
    if not settings:
        return [f"BEENTHERE_OIDC_{name.upper()} is set without BEENTHERE_OIDC_ISSUER" for name in sorted(given)]
    found = []
    if not _ISSUER.fullmatch(settings.issuer):
        found.append("ISSUER must begin with https:// and have no query, as the provider writes it itself")
    if not settings.client_id:
        found.append("CLIENT_ID is not set; the provider tells it to whoever registers us there")
    if not settings.algorithms or set(settings.algorithms) - set(_KINDS):
        found.append(f"ALGORITHMS must be one or more of {', '.join(_KINDS)}")
    if "openid" not in settings.scope.split():
        found.append("SCOPE must hold openid")
    if not 1 <= len(settings.name) <= _LONGEST_NAME:
        found.append(f"NAME must have 1 to {_LONGEST_NAME} characters; it stands on a button")
    if not _CLAIM.fullmatch(settings.email_claim):
        found.append("EMAIL_CLAIM must be the name of a claim")
    try:
        read_key(settings)
    except ValueError as fault:
        found.append(str(fault))
    return [f"BEENTHERE_OIDC_{fault}" for fault in found]


def read_key(settings: OidcSettings) -> SigningKey:
    """The private key by which we prove who we are, with its id; ValueError says why a file cannot be used.

    The file holds PEM (PKCS 8, without a passphrase) or one JWK.
    """
    kind = _KINDS.get(settings.key_algorithm)
    if kind is None:
        raise ValueError(f"KEY_ALGORITHM must be one of {', '.join(_KINDS)}")
    if settings.key_file is None:
        raise ValueError("KEY_FILE is not set; it is the private key that proves to the provider who we are")
    try:
        mode, text = settings.key_file.stat().st_mode, settings.key_file.read_text()
    except FileNotFoundError:
        raise ValueError("KEY_FILE names a file that does not exist") from None
    except (OSError, UnicodeDecodeError):
        raise ValueError("KEY_FILE names a file that cannot be read") from None
    if mode & 0o077:
        raise ValueError("KEY_FILE can be read by others; set its mode to 600")
    key = _key_in(text, kind, settings)
    if key is None:
        raise ValueError(f"KEY_FILE holds no private key for {settings.key_algorithm} (RSA: 2048 bits or more)")
    return key


def _key_in(text: str, kind: type[SigningKey], settings: OidcSettings) -> SigningKey | None:
    try:
        given = json.loads(text) if text.lstrip().startswith("{") else text
        key = kind.import_key(given)
        if settings.key_id or not key.kid:
            key = kind.import_key(given, {"kid": settings.key_id or key.thumbprint()})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if key.is_private and _is_strong(key, settings.key_algorithm) else None


def _is_strong(key: SigningKey, algorithm: str) -> bool:
    if isinstance(key, RSAKey):
        return key.raw_value.key_size >= _LEAST_RSA_BITS
    return key.curve_name == _CURVES[algorithm]
