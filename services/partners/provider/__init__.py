"""The identity provider that signs people in: asked over HTTP here and nowhere else, and believed as we set it.

OAuth's own words stay in this folder. Nothing here touches a table, and nothing here is called inside a transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.errors import JoseError

from chassis.clock import Clock
from chassis.settings import Settings, SettingsFaulty
from chassis.settings.oidc import read_key
from services.partners.domain import provider as rules
from services.partners.provider.asking import Asking
from services.partners.provider.published import Published

# Longest token that is read (characters).
_LONGEST = 16_384


class Provider:
    """One provider, as the settings name it."""

    def __init__(self, settings: Settings, clock: Clock, seconds: Callable[[], float] = time.monotonic) -> None:
        self._oidc, self._clock = settings.oidc, clock
        self.name, self.issuer = settings.oidc.name, settings.oidc.issuer
        try:
            key = read_key(settings.oidc)
        except ValueError as fault:
            raise SettingsFaulty([f"BEENTHERE_OIDC_{fault}"]) from None
        self._asking = Asking(settings.oidc, key, clock.now, settings.our_origin)
        self._published = Published(self.issuer, self._asking, seconds)

    def look(self) -> None:
        """Looks whether the provider is there, before anything is begun. Raises ProviderAway, AnswerRefused."""
        self._published.metadata()

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where a browser goes to sign in. Raises ProviderAway, AnswerRefused."""
        endpoint = self._published.metadata().sign_in
        return self._asking.address(endpoint, state=state, nonce=nonce, verifier=verifier)

    def end_address(self) -> str | None:
        """Where a browser may go to sign out there too; None when the provider has no such page, or is away.

        Nothing but who we are stands in it: an identity token as a hint would put somebody's id into an address.
        """
        try:
            end = self._published.metadata().end
        except (rules.ProviderAway, rules.AnswerRefused):
            return None
        joint = "&" if end and urlsplit(end).query else "?"
        return f"{end}{joint}{urlencode({'client_id': self._oidc.client_id})}" if end else None

    def check_answer(self, given_issuer: str | None) -> None:
        """Refuses an answer that is another provider's."""
        is_promised = self._published.metadata().promises_issuer
        rules.check_issuer(given_issuer, self.issuer, is_promised=is_promised)

    def identity(self, code: str, *, nonce: str, verifier: str) -> rules.Identity:
        """Who a code is of, when every word about them holds. Raises ProviderAway, AnswerRefused, AssuranceTooLow."""
        metadata = self._published.metadata()
        given = self._asking.redeem(metadata.token, code, verifier)
        header, claims = self._read(given.get("id_token"))
        subject, sid = rules.check_identity_token(header, claims, self._expected(), nonce)
        bearer = given.get("access_token")
        _check_hash(header, claims, bearer)
        told: Mapping[str, Any] = {}
        if metadata.told and isinstance(bearer, str):
            told = self._asking.document(metadata.told, bearer)
            rules.check_subject(subject, told)
        # What the signed token says stands before what is told beside it.
        known = {**told, **claims}
        rules.check_assurance(known, self._oidc.acr, self._oidc.assurance)
        shown = known.get(self._oidc.email_claim)
        return rules.Identity(subject, sid, shown if isinstance(shown, str) and len(shown) <= 254 else "")

    def logout(self, text: str) -> rules.Logout:
        """Whom a logout token signs out. Raises ProviderAway, AnswerRefused."""
        header, claims = self._read(text)
        return rules.check_logout_token(header, claims, self._expected())

    def _expected(self) -> rules.Expected:
        return rules.Expected(self.issuer, self._oidc.client_id, self._clock.now())

    def _read(self, text: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The header and the claims of a token whose signature is right, by one of the algorithms we set."""
        if not isinstance(text, str) or not text or len(text) > _LONGEST or not text.isascii():
            raise rules.AnswerRefused("token")
        try:
            # The algorithm is compared with ours before the key is looked for.
            found = jwt.decode(
                text, lambda token: self._published.key(token.headers()), algorithms=list(self._oidc.algorithms)
            )
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise rules.AnswerRefused("signature") from None
        return found.header, found.claims


def _check_hash(header: Mapping[str, Any], claims: Mapping[str, Any], bearer: Any) -> None:
    """Refuses a token to ask more with that was not given together with this identity (OpenID Connect Core 3.1.3.8)."""
    if "at_hash" not in claims or not isinstance(bearer, str):
        return
    expected = create_half_hash(bearer, header["alg"])
    if expected is not None and claims["at_hash"] != expected.decode():
        raise rules.AnswerRefused("at_hash")
