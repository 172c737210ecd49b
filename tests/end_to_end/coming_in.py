"""Coming in by the doors of running processes: a partner and its people made before, then a real sign-in of each."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.clock import SystemClock
from tests.builders import SETUP, a_house, open_account

PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Seeded:
    """A partner with a system of its own, and a coordinator."""

    api_key: str
    coordinator_id: str


def seed(data: Path, **changes: Any) -> Seeded:
    """Makes partner, system and coordinator in the records that the processes of a test then open."""
    now = SystemClock().now()
    house = a_house(data, "partners", at=now, **changes)
    lead = house.as_("network_lead")
    today, later = now.date(), now.date().replace(year=now.year + 1, day=1)
    joined = lead.api("POST", "/api/v1/partners", {
        "code": "north-trust", "name": "Northmoor Trust", "kind": "nhs_body", "area": "north", "ods_code": "RZ901",
        "agreement": {"starts_on": today.isoformat(), "ends_on": later.isoformat()},
    }, Idempotency_Key="the one partner")  # fmt: skip
    at = f"/api/v1/partners/{joined.get_json()['partner_id']}"
    lead.api("POST", f"{at}/answers", SETUP, Idempotency_Key="the one set of answers")
    account = {"called": "Carys", "roles": ["coordinator"]}
    second = house.as_("administrator")
    opened = open_account(lead, second, joined.get_json()["partner_id"], account, "the one coordinator")
    system = {"name": "Ward software", "purpose": "Sends people", "way": "api_key"}
    asked = lead.api("POST", f"{at}/systems", system, Idempotency_Key="the one system").get_json()
    second.api("POST", f"{at}/askings/{asked['asking_id']}/confirmation")
    fetched = lead.api("POST", f"{at}/askings/{asked['asking_id']}/api-key")
    house.close()
    return Seeded(fetched.get_json()["api_key"], opened.get_json()["account_id"])


def as_system(port: int, seeded: Seeded) -> str:
    """The pass of the partner's system, from the token door of the partners room."""
    form = {"grant_type": "client_credentials", "client_secret": seeded.api_key}
    with urllib.request.urlopen(_form(port, "/oauth/token", form), timeout=PATIENCE_SECONDS) as answer:
        return str(json.loads(answer.read())["access_token"])


def as_coordinator(port: int, seeded: Seeded) -> str:
    """The coordinator's pass, from the demo's door of the partners room."""
    form = {"kind": "account", "id": seeded.coordinator_id}
    opener = urllib.request.build_opener(_Stay())
    with opener.open(_form(port, "/sign-in/demo", form), timeout=PATIENCE_SECONDS) as answer:
        cookies = "\n".join(answer.headers.get_all("Set-Cookie"))
    found = re.search(r"^beenthere_pass=([^;]+)", cookies, re.MULTILINE)
    assert found, "no pass was given"
    return found[1]


def _form(port: int, path: str, fields: dict[str, str]) -> urllib.request.Request:
    return urllib.request.Request(f"http://127.0.0.1:{port}{path}", urllib.parse.urlencode(fields).encode())


class _Stay(urllib.request.HTTPErrorProcessor):
    """Takes a redirect for what it is: the cookies stand on it."""

    def http_response(self, _request: Any, response: Any) -> Any:
        return response
