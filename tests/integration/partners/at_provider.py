"""A house whose people come in by a real OpenID provider, behind a real port, with real browsers."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
from joserfc.jwk import RSAKey

from chassis.clock import SystemClock
from chassis.house import open_house
from chassis.ids import SeededIds
from chassis.settings.oidc import OidcSettings
from chassis.tables import audit
from contracts.addresses import owner_of
from services.partners.store.tables import begun, identities, partners, sessions
from tests.builders import TestHouse, a_settings, believing, open_account
from tests.integration.partners.conftest import TRUST
from tests.parts.front import Browser, Front
from tests.parts.provider import WE, OpenIdProvider


class RunningClock(SystemClock):
    """The machine's time, as the provider's, moved on by hand when a test wants it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> Any:
        return super().now() + self.ahead


class World:
    """The partners room behind a port, its provider, and people who come in."""

    def __init__(self, folder: Path, front: Front, provider: OpenIdProvider, key: RSAKey, **changes: Any) -> None:
        self.front, self.provider, self.clock, self._folder = front, provider, RunningClock(), folder
        self.key_file = folder / "provider.key"
        self._keep(key)
        oidc = OidcSettings(
            issuer=provider.issuer, client_id=WE, key_file=self.key_file, key_algorithm="RS512",
            name="Sign in with Northmoor", scope="openid profile email",
        )  # fmt: skip
        self.settings = a_settings(folder, demo=False, relaxed=True, origin=front.origin, oidc=oidc, **changes)
        # Opened again it goes on with the ids: nothing gets one a second time.
        self.ids = SeededIds(7)
        self._open()
        self.lead = self.house.as_("network_lead")

    def _keep(self, key: RSAKey) -> None:
        self.key_file.touch(0o600)
        self.key_file.write_bytes(key.as_pem(private=True))

    def _open(self) -> None:
        creators = {"partners": importlib.import_module("services.partners.app").create}
        handed: Any = {"clock": self.clock, "ids": self.ids}
        house = open_house(self.settings, creators, owner_of, **believing(**handed))
        self.house = TestHouse(house, self.clock, handed["ids"])  # type: ignore[arg-type]
        self.front.house = self._answer

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if owner_of(environ["PATH_INFO"]) == "partners":
            return self.house.house(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"another room"]

    def open_again(self, key: RSAKey | None = None, **changes: Any) -> None:
        """The same records under other settings of the provider's, or another key."""
        self.house.close()
        if key is not None:
            self._keep(key)
        policy = changes.pop("policy", self.settings.policy)
        self.settings = replace(self.settings, oidc=replace(self.settings.oidc, **changes), policy=policy)
        self._open()
        self.lead = self.house.as_("network_lead")

    def close(self) -> None:
        """Takes the house from behind the port."""
        self.front.house = None
        self.house.close()

    # ---- people

    def partner(self, code: str = "north-trust") -> str:
        """The id of a partner that joined, with an agreement of today."""
        today = self.clock.now().date()
        agreement = {"starts_on": str(today), "ends_on": str(today + timedelta(days=300))}
        body = {**TRUST, "code": code, "kind": "voluntary", "ods_code": None, "agreement": agreement}
        answer = self.lead.api("POST", "/api/v1/partners", body, Idempotency_Key=f"joining {code}")
        assert answer.status_code == 201, answer.get_json()
        return str(answer.get_json()["partner_id"])

    def account(self, partner_id: str, *roles: str, called: str = "Asha", email: str = "") -> str:
        """The id of a new account."""
        body = {"called": called, "roles": list(roles), **({"email": email} if email else {})}
        second = self.house.as_("administrator")
        answer = open_account(self.lead, second, partner_id, body, f"opening {called} {roles}")
        assert answer.status_code == 201, answer.get_json()
        return str(answer.get_json()["account_id"])

    def invitation(self, partner_id: str, account_id: str) -> str:
        """The path of a new invitation."""
        answer = self.lead.form(f"/partners/{partner_id}/accounts/{account_id}/invitation")
        found = re.search(r"/sign-in/invitation/[\w-]+", answer.text)
        assert found, answer.text
        return found[0]

    def close_account(self, partner_id: str, account_id: str, do: str = "yes") -> None:
        """Closes an account, or opens it again."""
        answer = self.lead.form(f"/partners/{partner_id}/accounts/{account_id}/closure", {"close": do})
        assert answer.status_code == 303

    def linked(self, who: str, *roles: str, called: str = "Asha", partner_id: str = "") -> str:
        """The id of an account that somebody at the provider is linked to."""
        partner_id = partner_id or self.partner(f"trust-{len(self.rows(partners, 'code')) + 1}")
        account_id = self.account(partner_id, *(roles or ("coordinator",)), called=called)
        browser = self.browser()
        answer = self.finish(self.begin(browser, self.invitation(partner_id, account_id) + "/provider"), who)
        assert answer.url.endswith("/work"), answer.text
        return account_id

    # ---- signing in

    def browser(self) -> Browser:
        """A new browser."""
        return Browser(self.front.origin)

    def begin(self, browser: Browser, path: str = "/sign-in/provider?to=/partners") -> Browser:
        """Goes to the provider, up to its page."""
        page = browser.go(path)
        assert page.text == "who are you? login", page.text
        return browser

    def say_who(self, browser: Browser, who: str, until: str = "/sign-in/provider/answer") -> str:
        """Says at the provider's page who one is; gives the address that leads back here, not opened."""
        last = browser.trail[-1]
        answer = browser.go(f"{last}?who={who}" if who else last, until, form={})
        return str(answer.headers["Location"])

    def finish(self, browser: Browser, who: str) -> requests.Response:
        """Says who one is and comes back, to the end."""
        return browser.go(self.say_who(browser, who))

    def sign_in(self, who: str, path: str = "/sign-in/provider?to=/partners") -> Browser:
        """Signs in by the provider; the browser is then where it was going."""
        browser = self.begin(self.browser(), path)
        answer = self.finish(browser, who)
        assert answer.status_code == 200, answer.text
        return browser

    def is_in(self, browser: Browser) -> bool:
        """Whether a browser has a session here: a script that stays signed in is answered 200, else 401."""
        return browser.go("/sign-in/stay", form={}).status_code == 200

    # ---- what the records say

    @property
    def room(self) -> Any:
        """The partners service."""
        return self.house["partners"]

    def rows(self, table: sa.Table, *columns: str) -> list[tuple[Any, ...]]:
        """Every row of a table, as the named columns."""
        with self.room.reading() as unit:
            return [tuple(row) for row in unit.connection.execute(sa.select(*(table.c[name] for name in columns)))]

    def refusals(self) -> list[str]:
        """The rules by which somebody was not let in or out, in order."""
        with self.room.reading() as unit:
            query = sa.select(audit.c.rule).where(audit.c.outcome == "refused", audit.c.action.like("%.provider"))
            return list(unit.connection.execute(query.order_by(audit.c.sequence)).scalars())

    def counts(self) -> tuple[int, int, int]:
        """Sessions that live, links, and sign-ins that are open."""
        living = [row for row in self.rows(sessions, "ended_at") if row[0] is None]
        return len(living), len(self.rows(identities, "subject")), len(self.rows(begun, "hash"))
