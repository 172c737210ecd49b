"""Builds what tests need: a house of some rooms under a hand clock, callers in any role, and ordinary bodies."""

from __future__ import annotations

import copy
import importlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import Client, TestResponse

from chassis import passes
from chassis.access import Principal
from chassis.clock import HandClock
from chassis.house import House, open_house
from chassis.ids import SeededIds
from chassis.keys import keys
from chassis.settings import Settings
from chassis.watch import Itself
from chassis.web import form_tokens
from chassis.web.passes import cookie_name
from contracts.addresses import SERVICES, owner_of

# A Monday morning in winter: London and UTC agree.
MORNING = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
# Signs the passes of tests; a house of tests believes it without being told.
PASS_KEY = passes.new_key()
COOKIE = cookie_name(is_secure=False)
OUR_SERVICE = "2000011147"


def a_settings(data: Path, **changes: Any) -> Settings:
    """Settings of a demo house in a folder of its own."""
    given = {
        "data": data,
        "demo": True,
        "test_numbers": True,
        "fhir_service_ids": (OUR_SERVICE,),
        "log_level": "error",
    }
    return Settings(**{**given, **changes})


def a_pass(who: Principal, now: datetime, called: str | None = None) -> str:
    """The pass of somebody, good for ten minutes from `now`."""
    return passes.mint(PASS_KEY, who, now, called=called)


def believing(**handed: Any) -> dict[str, Any]:
    """What a house of tests is handed: the key of its passes, and a watch that needs no heartbeats."""
    public = passes.read_key(passes.public_half(PASS_KEY))
    return {"pass_keys": {public.kid: public}, "watch": Itself(), **handed}


def shows_a_form(client: Client, app: Flask) -> dict[str, str]:
    """Has a browser as it is once it was shown a form; gives the field which that form carries."""
    cookie, field = form_token(app)
    client.set_cookie(form_tokens.COOKIE_PLAIN, cookie)
    return {form_tokens.FIELD: field}


def form_token(app: Flask) -> tuple[str, str]:
    """The cookie of a browser that was shown a form, and what the form carries."""
    if app.secret_key not in _TOKENS:
        raw = "0" * 40
        cookie: Any = SecureCookieSessionInterface().get_signing_serializer(app)
        field = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(raw)
        _TOKENS[app.secret_key] = (cookie.dumps({form_tokens.FIELD: raw}), str(field))
    return _TOKENS[app.secret_key]


_TOKENS: dict[Any, tuple[str, str]] = {}


class Caller:
    """Somebody at the doors: `api` for JSON, `page` and `form` for screens, each with the pass of who they are."""

    def __init__(self, house: House, who: Principal, called: str | None = None) -> None:
        self.who = who
        self._client, self._house, self._called = Client(house), house, called

    @property
    def token(self) -> str:
        """A pass of this moment; none of nobody."""
        return a_pass(self.who, self._house.shared.clock.now(), self._called) if self.who.kind != "nobody" else ""

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Sends JSON with a bearer pass; header names are written with underscores."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        if token := self.token:
            sent["Authorization"] = f"Bearer {token}"
        return self._client.open(path, method=method, json=body, headers=sent)

    def page(self, path: str) -> TestResponse:
        """Opens a screen with the pass as a cookie."""
        self._sign_in()
        return self._client.get(path)

    def form(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> TestResponse:
        """Sends a form the way a browser does."""
        self._sign_in()
        # What was read from a page carries that page's own token.
        has_token = form_tokens.FIELD in (fields or {})
        token = {} if has_token else shows_a_form(self._client, next(iter(self._house.services.values())).app)
        sent = {"Sec-Fetch-Site": "same-origin", **{name.replace("_", "-"): text for name, text in headers.items()}}
        return self._client.post(path, data={**token, **(fields or {})}, headers=sent)

    def _sign_in(self) -> None:
        if token := self.token:
            self._client.set_cookie(COOKIE, token)


class TestHouse:
    """A house for one test."""

    __test__ = False

    def __init__(self, house: House, clock: HandClock, ids: SeededIds) -> None:
        self.house, self.clock, self.ids = house, clock, ids

    def __getitem__(self, room: str) -> Any:
        return self.house.services[room]

    def as_(self, *roles: str, partner_id: str | None = None, id: str | None = None) -> Caller:
        """Somebody with these roles; a new account when no id is given."""
        return Caller(self.house, Principal("account", id or self.ids.new(), partner_id, frozenset(roles)))

    def as_person(self, person_id: str) -> Caller:
        """The person themselves, signed in."""
        return Caller(self.house, Principal("person", person_id, None, frozenset({"person"})))

    def as_system(self, partner_id: str) -> Caller:
        """A partner's own system."""
        return Caller(self.house, Principal("system", partner_id, partner_id, frozenset({"system"})))

    def as_nobody(self) -> Caller:
        """Somebody who has not signed in."""
        return Caller(self.house, Principal("nobody", "nobody"))

    def quiet(self) -> int:
        """Carries facts until every room is quiet."""
        return self.house.pump()

    def forget_keys_of(self, owner_id: str) -> None:
        """Leaves only a gravestone of a human being's keys, as forgetting does."""
        with self.house.shared.keys.database.writing() as connection:
            gone = sa.update(keys).where(keys.c.owner_id == owner_id).values(wrapped=None, gone_at=self.clock.now())
            connection.execute(gone)
        for service in self.house.services.values():
            service.keys.forget_cache()

    def close(self) -> None:
        """Closes the house."""
        self.house.close()


def open_account(by: Caller, second: Caller, partner_id: str, body: dict[str, Any], key: str) -> TestResponse:
    """Asks for an account and has a second person confirm it; gives the account, or the refusal of the asking."""
    at = f"/api/v1/partners/{partner_id}"
    asked = by.api("POST", f"{at}/accounts", body, Idempotency_Key=key)
    if asked.status_code != 202:
        return asked
    return second.api("POST", f"{at}/askings/{asked.get_json()['asking_id']}/confirmation")


def forget_person(by: Caller, second: Caller, person_id: str) -> int:
    """Asks that a person is forgotten, and has a second person confirm it; gives the status of the last answer."""
    at = "/api/v1/referrals"
    asked = by.api("POST", f"{at}/people/{person_id}/forgetting", {"reason": "asked_by_the_person"})
    if asked.status_code != 202:
        return asked.status_code
    return second.api("POST", f"{at}/confirmations/{asked.get_json()['asking_id']}/confirmation").status_code


def a_house(data: Path, *rooms: str, at: datetime = MORNING, **changes: Any) -> TestHouse:
    """Opens some rooms (all when none is named) embedded, with SQLite in `data`; close it at the end of the test."""
    clock, ids = HandClock(at), SeededIds(7)
    creators = {room: importlib.import_module(f"services.{room}.app").create for room in rooms or SERVICES}
    house = open_house(a_settings(data, **changes), creators, owner_of, **believing(**believing(clock=clock, ids=ids)))
    return TestHouse(house, clock, ids)


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OF_ONE_REQUEST = re.compile(r'nonce="[^"]+"|name="(?:key|form_token)" value="[^"]*"')


def without_ids(text: str) -> str:
    """An answer without what belongs to one request or one thing: ids, the page's nonce, the key of a form."""
    return _OF_ONE_REQUEST.sub("", _ID.sub("id", text))


REFERRAL: dict[str, Any] = {
    "strengths": "Keeps an allotment.",
    "hopes": "To go to the shops without planning it for days.",
    "why_peer_support": "Would like to talk to someone who has been there.",
    "person": {
        "name": "Jordan Okafor",
        "called": "Jordan",
        "birth_date": "1985-03-27",
        "nhs_number": "999 000 0018",
        "postcode": "ZZ1 1AA",
        "phone": "01632 960 001",
        "gp_code": "Y12345",
    },
    "contact": {"channel": "phone", "safe_to_leave_message": True},
    "needs": {
        "area": "north",
        "language": "en",
        "times": ["weekday_morning", "weekend"],
        "mode": "any",
        "themes": ["depression", "hospital"],
    },
    "consent": {"given": True, "given_by": "person", "how": "in_person", "given_on": "2026-03-01"},
    "equity": {"ethnicity": "black", "gender": "woman"},
    "referrer": {"name": "Dr Ruth Evans", "role": "GP", "phone": "01632 960 555"},
}


SETUP: dict[str, Any] = {
    "peer_role": "own_role", "employer": "ourselves", "settings": ["community"], "training": "local",
    "training_hours": 40, "career_steps": "one", "supervision": ["line", "group"], "supervisors": "some",
    "staff_stance": "open",
    "posts": {"first": {"title": "Peer worker", "kind": "paid", "band": "4", "hours": 30, "contract": "permanent"}},
}  # fmt: skip


def a_referral(**changes: Any) -> dict[str, Any]:
    """An ordinary referral; `person={"phone": ""}` changes parts of it, None takes a whole part out."""
    made = copy.deepcopy(REFERRAL)
    for name, change in changes.items():
        if change is None:
            made.pop(name, None)
        elif isinstance(change, dict) and isinstance(made.get(name), dict):
            made[name].update(change)
        else:
            made[name] = change
    return made
