"""What the provider publishes of itself: where it is asked, and by which keys it signs; kept, and asked for again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chassis.settings.oidc import SigningKey
from services.partners.domain.provider import AnswerRefused, ProviderAway
from services.partners.provider.asking import CALL_SECONDS, Asking

# Seconds after which discovery and keys are asked for again. Discovery soon: while it answers the provider is there, so
# that nobody is sent to an address that is dead.
DISCOVERY_SECONDS, KEYS_SECONDS = 60.0, 600.0
# Seconds in which keys are not asked for again because a token names one nobody knows: anybody can send such tokens.
UNKNOWN_KEY_SECONDS = 30.0
# Seconds for which a provider that did not answer is not asked again, so that a crowd does not wait one after another.
REST_SECONDS = 2.0
_KINDS: Mapping[str, type[SigningKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_LEAST_RSA_BITS, _MOST_KEYS = 2048, 50

T = TypeVar("T")


class Kept(Generic[T]):
    """One document, kept for a while; one asks for it at a time, and a failure is kept for a moment too."""

    def __init__(self, fetch: Callable[[], T], old_after: float, seconds: Callable[[], float]) -> None:
        self._fetch, self._old_after, self._seconds = fetch, old_after, seconds
        self._turn = threading.Lock()
        self._found: tuple[T, float] | None = None
        self._failed_at: float | None = None

    def get(self, *, old_after: float | None = None) -> T:
        """The document, not older than that; ProviderAway when it cannot be had. An old one is not given instead."""
        limit = self._old_after if old_after is None else old_after
        if (found := self._young(limit)) is not None:
            return found[0]
        self._refuse_at_rest()
        if not self._turn.acquire(timeout=CALL_SECONDS):
            raise ProviderAway()
        try:
            if (found := self._young(limit)) is not None:
                return found[0]
            self._refuse_at_rest()
            return self._ask()
        finally:
            self._turn.release()

    def _young(self, limit: float) -> tuple[T, float] | None:
        found = self._found
        return found if found is not None and self._seconds() - found[1] < limit else None

    def _refuse_at_rest(self) -> None:
        if self._failed_at is not None and self._seconds() - self._failed_at < REST_SECONDS:
            raise ProviderAway()

    def _ask(self) -> T:
        try:
            found = self._fetch()
        except ProviderAway:
            self._failed_at = self._seconds()
            raise
        self._found, self._failed_at = (found, self._seconds()), None
        return found


@dataclass(frozen=True)
class Metadata:
    """Where the provider is asked; `promises_issuer` says that each of its answers names it (RFC 9207)."""

    sign_in: str
    token: str
    keys: str
    told: str | None
    end: str | None
    promises_issuer: bool


class Published:
    """The provider's discovery document and keys."""

    def __init__(self, issuer: str, asking: Asking, seconds: Callable[[], float] = time.monotonic) -> None:
        self._issuer, self._asking = issuer, asking
        self._metadata = Kept(self._discover, DISCOVERY_SECONDS, seconds)
        self._keys = Kept(self._fetch_keys, KEYS_SECONDS, seconds)

    def metadata(self) -> Metadata:
        """Where the provider is asked."""
        return self._metadata.get()

    def key(self, header: Mapping[str, Any]) -> SigningKey:
        """The key a token says it is signed with; AnswerRefused when the provider has none such."""
        found = _fitting(self._keys.get(), header)
        if found is None:
            found = _fitting(self._keys.get(old_after=UNKNOWN_KEY_SECONDS), header)
        if found is None:
            raise AnswerRefused("key")
        return found

    def _discover(self) -> Metadata:
        given = self._asking.document(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        # What says it is another's is believed in nothing.
        if given.get("issuer") != self._issuer:
            raise AnswerRefused("discovery_issuer")
        return Metadata(
            sign_in=self._endpoint(given, "authorization_endpoint"),
            token=self._endpoint(given, "token_endpoint"),
            keys=self._endpoint(given, "jwks_uri"),
            told=self._endpoint(given, "userinfo_endpoint") if "userinfo_endpoint" in given else None,
            end=self._endpoint(given, "end_session_endpoint") if "end_session_endpoint" in given else None,
            promises_issuer=given.get("authorization_response_iss_parameter_supported") is True,
        )

    def _endpoint(self, given: Mapping[str, Any], name: str) -> str:
        address, scheme = given.get(name), self._issuer.partition("://")[0]
        if not isinstance(address, str) or not address.startswith(("https://", f"{scheme}://")) or "#" in address:
            raise AnswerRefused("discovery")
        return address

    def _fetch_keys(self) -> list[SigningKey]:
        given = self._asking.document(self.metadata().keys).get("keys")
        if not isinstance(given, list):
            raise ProviderAway()
        return [key for one in given[:_MOST_KEYS] if (key := _read(one)) is not None]


def _read(given: Any) -> SigningKey | None:
    """A key for checking signatures; None for every other, such as a secret or one for encryption."""
    kind = _KINDS.get(str(given.get("kty"))) if isinstance(given, dict) else None
    if kind is None or given.get("use", "sig") != "sig":
        return None
    try:
        key = kind.import_key(given)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None if isinstance(key, RSAKey) and key.raw_value.key_size < _LEAST_RSA_BITS else key


def _fitting(keys: list[SigningKey], header: Mapping[str, Any]) -> SigningKey | None:
    """The one key of this name and kind; a token that names none is checked by the only one there is."""
    family = {"R": "RSA", "P": "RSA", "E": "EC"}.get(str(header.get("alg"))[:1], "")
    wanted = "OKP" if header.get("alg") in {"Ed25519", "EdDSA"} else family
    fit = [key for key in keys if key.key_type == wanted and header.get("kid") in (None, key.kid)]
    return fit[0] if len(fit) == 1 else None
