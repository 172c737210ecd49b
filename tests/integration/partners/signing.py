"""Systems as tests make them: registered with keys of their own or an API key, signing whatever a case asks for."""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA512
from joserfc.jwk import OKPKey, RSAKey
from werkzeug.test import Client, TestResponse

from tests.builders import Caller, TestHouse, a_house

TOKEN = "/oauth/token"
ORIGIN = "http://peers.example.org:8400"
AUDIENCE = ORIGIN + TOKEN
GRANT = "client_credentials"
KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PARTNER: dict[str, Any] = {
    "code": "north-trust", "name": "Northmoor Mental Health Trust", "kind": "nhs_body", "area": "north",
    "ods_code": "RZ901", "agreement": {"starts_on": "2026-03-01", "ends_on": "2027-02-28"},
}  # fmt: skip
# One pair of each kind a run: making an RSA key takes a while.
PAIRS: dict[str, Any] = {"RS512": RSAKey.generate_key(2048), "Ed25519": OKPKey.generate_key("Ed25519")}
OTHERS: dict[str, Any] = {"RS512": RSAKey.generate_key(2048), "Ed25519": OKPKey.generate_key("Ed25519")}


def b64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def public(key: Any, kid: str = "k1") -> dict[str, str]:
    """The public half of a pair, as it is pasted."""
    return {**{name: str(value) for name, value in key.as_dict(private=False).items()}, "kid": kid}


def sign_bytes(algorithm: str, body: bytes, head: bytes, key: Any = None) -> str:
    """Signs whatever bytes: a library would refuse to write most of what a forger writes."""
    text = f"{b64(head)}.{b64(body)}"
    private = (key or PAIRS[algorithm]).private_key
    signed = private.sign(text.encode(), *((PKCS1v15(), SHA512()) if algorithm == "RS512" else ()))
    return f"{text}.{b64(signed)}"


class Systems:
    """The partners room (and others when named) with one partner, and systems of it at the token door."""

    def __init__(self, house: TestHouse) -> None:
        self.house, self.clock = house, house.clock
        self.network: Caller = house.as_("network_lead")
        joined = self.network.api("POST", "/api/v1/partners", PARTNER, Idempotency_Key="joining of this test")
        self.partner_id = str(joined.get_json()["partner_id"])
        self.lead: Caller = house.as_("partner_lead", partner_id=self.partner_id)
        self.at = f"/api/v1/partners/{self.partner_id}/systems"
        self._numbers = itertools.count(1)
        self._door = Client(house.house)

    # ---- registering

    def register(self, way: str = "api_key", *, by: Caller | None = None, **changes: Any) -> TestResponse:
        """Registers a system; gives the answer of the door."""
        body = {"name": "Ward software", "purpose": "Sends people", "way": way, **changes}
        return (by or self.lead).api("POST", self.at, body, Idempotency_Key=f"registering {next(self._numbers)}")

    def registered(self, way: str = "api_key", **changes: Any) -> dict[str, Any]:
        """A system that was registered and confirmed, with its API key if it has one."""
        asked = self.asked(self.register(way, **changes))
        self.settle(asked)
        found: dict[str, Any] = self.lead.api("GET", f"{self.at}/{asked['system_id']}").get_json()
        return self.fetch(asked).get_json() if way == "api_key" else found

    def asked(self, answer: TestResponse) -> dict[str, Any]:
        """What was asked, as the door told it."""
        assert answer.status_code == 202, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    def settle(self, asked: dict[str, Any], how: str = "confirmation", *, by: Caller | None = None) -> TestResponse:
        """What a second person does: the network lead, where the partner's lead asked."""
        at = f"/api/v1/partners/{self.partner_id}/askings/{asked['asking_id']}"
        return (by or self.network).api("POST", f"{at}/{how}")

    def fetch(self, asked: dict[str, Any], *, by: Caller | None = None) -> TestResponse:
        """Whoever asked for an API key fetches it."""
        at = f"/api/v1/partners/{self.partner_id}/askings/{asked['asking_id']}"
        return (by or self.lead).api("POST", f"{at}/api-key")

    def next_key(self, system_id: str) -> str:
        """Another API key of a system, asked for, confirmed and fetched."""
        key = f"the next key {next(self._numbers)}"
        asked = self.asked(self.lead.api("POST", f"{self.at}/{system_id}/api-keys", {}, Idempotency_Key=key))
        self.settle(asked)
        return str(self.fetch(asked).get_json()["api_key"])

    def signing(self, algorithm: str) -> str:
        """The id of a system with one public key `k1`."""
        key_set = {"keys": [public(PAIRS[algorithm])]}
        return str(self.registered("signing_keys", jwks=key_set)["system_id"])

    # ---- signing

    @property
    def seconds(self) -> int:
        """Now, as statements count it."""
        return int(self.clock.now().timestamp())

    def claims(self, system_id: str, **changes: Any) -> dict[str, Any]:
        """What an honest statement says; `...` takes a claim out."""
        honest = {
            "iss": system_id, "sub": system_id, "aud": AUDIENCE, "jti": self.house.ids.new(), "exp": self.seconds + 299,
        }  # fmt: skip
        return {name: value for name, value in {**honest, **changes}.items() if value is not ...}

    def sign(self, algorithm: str, claims: dict[str, Any], key: Any = None, **head: Any) -> str:
        """A statement; `head` changes its header, `...` takes a name out."""
        header = {"alg": algorithm, "kid": "k1", "typ": "JWT", **head}
        header = {name: value for name, value in header.items() if value is not ...}
        return sign_bytes(algorithm, json.dumps(claims).encode(), json.dumps(header).encode(), key)

    # ---- at the door

    def post(self, data: Any, address: str = "", **more: Any) -> TestResponse:
        """Sends a form to the token door; from an address of its own when none is given: failed tries add up."""
        address = address or f"10.{next(self._numbers) % 200}.{next(self._numbers) % 200}.7"
        return self._door.post(TOKEN, data=data, environ_base={"REMOTE_ADDR": address}, **more)

    def send(self, statement: Any, address: str = "", **form: Any) -> TestResponse:
        """Sends a statement; `form` changes the fields, `...` takes one out."""
        fields = {"grant_type": GRANT, "client_assertion_type": KIND, "client_assertion": statement, **form}
        return self.post({name: value for name, value in fields.items() if value is not ...}, address)

    def send_key(self, key: str, address: str = "", **form: Any) -> TestResponse:
        """Sends an API key."""
        return self.post({"grant_type": GRANT, "client_secret": key, **form}, address)


def said(answer: TestResponse) -> tuple[int, str, str]:
    """Status, error and text of a refusal."""
    body = answer.get_json()
    return answer.status_code, body.get("error", ""), body.get("error_description", "")


def systems_in(data: Path, *rooms: str, **changes: Any) -> Systems:
    """A house of the partners room, and of `rooms`."""
    return Systems(a_house(data, "partners", *rooms, origin=ORIGIN, **changes))
