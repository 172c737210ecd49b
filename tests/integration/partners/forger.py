"""A provider of the tests' own making: it publishes what it is told to, and hands out whatever token a forger made."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from werkzeug.serving import make_server

from tests.integration.partners.at_provider import World
from tests.parts.front import Quiet
from tests.parts.provider import WE

LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
Key = RSAKey | ECKey | OKPKey
GOOD = RSAKey.generate_key(2048, {"kid": "good"})


class Forger:
    """Answers as a provider does; `keys` are published, `token` gives what a code is worth, `told` what it tells."""

    def __init__(self) -> None:
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self.good = GOOD
        self.keys: list[Any] = [self.good.as_dict(private=False, use="sig")]
        self.discovery: dict[str, Any] = {
            "issuer": self.issuer,
            **{f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token", "userinfo")},
            "jwks_uri": f"{self.issuer}/keys",
            # Whatever it says it can, and promises: what we set counts.
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS512", "RS256"],
        }
        self.token: Mapping[str, Any] = {}
        self.told: Any = {"sub": "asha"}
        # Where it leads to elsewhere, by path.
        self.leads_to: dict[str, str] = {}
        self.asked: Counter[str] = Counter()
        self.forms: list[dict[str, str]] = []
        self.addresses: list[dict[str, str]] = []
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked[path] += 1
        if path in self.leads_to:
            start_response("302 Found", [("Location", self.leads_to[path]), ("Content-Length", "0")])
            return []
        if path == "/token":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
            self.forms.append({name: values[0] for name, values in parse_qs(body).items()})
        given = {
            "/.well-known/openid-configuration": self.discovery, "/keys": {"keys": self.keys}, "/token": self.token,
            "/userinfo": self.told,
        }[path]  # fmt: skip
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(given).encode()]

    def close(self) -> None:
        """Answers no more."""
        self._server.shutdown()
        self._server.server_close()

    # ---- through the real doors

    def take_over(self, world: World) -> None:
        """Becomes the provider of a house, and signs an account's owner in there as `asha`."""
        world.open_again(issuer=self.issuer)
        partner_id = world.partner()
        account_id = world.account(partner_id, "coordinator")
        path = world.invitation(partner_id, account_id) + "/provider"
        assert self.comes_in(world, lambda nonce: self.sign(self.identity(world, nonce)), path)

    def comes_in(
        self, world: World, made: Callable[[str], Any], path: str = "/sign-in/provider", beside: Any = None
    ) -> Any:
        """Whether the token that `made` gives for a nonce lets a new browser in: that browser, or None."""
        browser = world.browser()
        to = browser.go(path, "/authorization?").headers["Location"]
        asked = {name: values[0] for name, values in parse_qs(urlsplit(to).query).items()}
        self.addresses.append(asked)
        self.token = {"access_token": "x", "token_type": "Bearer", **(beside or {}), "id_token": made(asked["nonce"])}
        answer = browser.go(f"/sign-in/provider/answer?code=c&state={asked['state']}", "/work")
        assert answer.status_code in {303, 403, 503}, answer.text
        return browser if answer.status_code == 303 else None

    # ---- what it says

    def identity(self, world: World, nonce: str, /, **changes: Any) -> dict[str, Any]:
        """The claims of a true identity token, with changes; None takes a claim out."""
        now = int(world.clock.now().timestamp())
        claims = {
            "iss": self.issuer, "sub": "asha", "aud": WE, "nonce": nonce, "iat": now, "exp": now + 300, "sid": "one",
            **changes,
        }  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    def logout(self, world: World, number: Any, **changes: Any) -> dict[str, Any]:
        """The claims of a true logout token, with changes; None takes a claim out."""
        now = int(world.clock.now().timestamp())
        claims = {
            "iss": self.issuer, "aud": WE, "iat": now, "exp": now + 120, "jti": f"token {number}", "sid": "one",
            "events": {LOGOUT: {}}, **changes,
        }  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims: Any, key: Key | None = None, **header: Any) -> str:
        """Signs claims with a key (its good one) under a header, whatever they are."""
        head = {"alg": "RS256", "kid": "good", **header}
        head = {name: value for name, value in head.items() if value is not None}
        if head["alg"] == "RS256":
            # By hand: a library would refuse to write most of what a forger does.
            body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
            return by_hand(head, body, key or self.good)
        return jwt.encode(head, claims, key or self.good, algorithms=[head["alg"]])


def part(data: bytes) -> str:
    """Bytes as a part of a token."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def by_hand(head: Mapping[str, Any], body: bytes, key: Key) -> str:
    """Any bytes under any head, signed as RS256 is."""
    text = f"{part(json.dumps(head).encode())}.{part(body)}"
    return f"{text}.{part(key.private_key.sign(text.encode(), PKCS1v15(), SHA256()))}"  # type: ignore[union-attr, call-arg, arg-type]


def unsigned(claims: Mapping[str, Any], **header: Any) -> str:
    """A token that nothing signed."""
    return f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}."


def with_a_secret(claims: Mapping[str, Any], secret: bytes, **header: Any) -> str:
    """A token signed with a secret by HMAC, such as a public key that everybody knows."""
    text = unsigned(claims, alg="HS256", **header).rstrip(".")
    return f"{text}.{part(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"
