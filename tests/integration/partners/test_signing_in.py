"""Signing in: an invitation, a password, a second factor, recovery codes; and what is refused without saying why."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from werkzeug.test import Client, TestResponse

from chassis.tables import audit
from services.partners.store import tables
from tests.builders import COOKIE, a_house, shows_a_form
from tests.integration.partners.conftest import Partners

PASSWORD = "a walk on wet sand"
FROM_OURS = {"Sec-Fetch-Site": "same-origin"}
SESSION = "beenthere_session"


class Browser:
    """A browser at the pages for signing in; it keeps cookies and reads the forms it is shown."""

    def __init__(self, house: Any, address: str = "198.51.100.7") -> None:
        self.house, self.client = house, Client(house.house)
        self._from = {"REMOTE_ADDR": address}

    def opens(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Sec-Fetch-Dest": "document"}, environ_base=self._from)

    def sends(self, path: str, **fields: str) -> TestResponse:
        sent = {**shows_a_form(self.client, self.house["partners"].app), **fields}
        return self.client.post(path, data=sent, headers=FROM_OURS, environ_base=self._from)

    def has(self, name: str) -> bool:
        return self.client.get_cookie(name) is not None

    def signs_in(self, password: str = PASSWORD, email: str = "sam@example.org") -> TestResponse:
        return self.sends("/sign-in", email=email, password=password, to="/partners")

    def code_of(self, secret: str, steps: int = 0) -> str:
        seconds = int(self.house.clock.now().timestamp()) + steps * 30
        app = TOTP(base64.b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303 - what apps speak
        return str(app.generate(seconds).decode())


def token_in(page: TestResponse) -> str:
    return str(re.findall(r'name="token" value="([^"]+)"', page.text)[0])


def secret_in(page: TestResponse) -> str:
    return str(re.findall(r"Key: <code[^>]*>([A-Z2-7 ]+)</code>", page.text)[0]).replace(" ", "")


class Signing(Partners):
    """The partners room with somebody who was invited."""

    def __init__(self, house: Any) -> None:
        super().__init__(house)
        self.partner_id = self.joined()

    def invited(self, role: str = "peer", email: str = "sam@example.org") -> tuple[str, str]:
        """An account, and the path of its invitation."""
        opened = self.open(self.network, self.partner_id, role, called="Samira", key=f"open {email}", email=email)
        account_id = opened.get_json()["account_id"]
        return account_id, self.invitation(account_id)

    def invitation(self, account_id: str) -> str:
        page = self.network.form(f"/partners/{self.partner_id}/accounts/{account_id}/invitation")
        return str(re.findall(r"/sign-in/invitation/[\w-]+", page.text)[0])

    def with_password(self, role: str = "peer") -> tuple[str, Browser]:
        account_id, path = self.invited(role)
        browser = Browser(self.house)
        assert browser.sends(path, password=PASSWORD).status_code in {200, 303}
        return account_id, browser

    def with_code(self) -> tuple[str, str, list[str]]:
        """A coordinator who has set up everything: the account, the app's secret, and the recovery codes."""
        account_id, path = self.invited("coordinator")
        browser = Browser(self.house)
        factor = browser.sends(path, password=PASSWORD)
        secret = secret_in(factor)
        done = browser.sends("/sign-in/factor", token=token_in(factor), code=browser.code_of(secret), to="/partners")
        self.clock.advance(minutes=1)
        return account_id, secret, re.findall(r"<code>([\w-]{29})</code>", done.text)

    def rows(self, table: sa.Table) -> list[Any]:
        with self.house["partners"].reading() as unit:
            return list(unit.connection.execute(sa.select(table)).all())

    def audited(self, action: str) -> list[Any]:
        return [row for row in self.rows(audit) if row.action == action]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Signing]:
    house = a_house(tmp_path, "partners", demo=False)
    yield Signing(house)
    house.close()


# ---- the ordinary way


def test_whoever_was_invited_chooses_a_password_and_is_in(room: Signing) -> None:
    account_id, path = room.invited("peer")
    browser = Browser(room.house)
    assert "Welcome, Samira" in browser.opens(path).text
    answer = browser.sends(path, password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/work")
    assert browser.has(SESSION)
    assert browser.has(COOKIE)
    assert [row.subject for row in room.audited("session.begin")] == [account_id]
    assert browser.opens(path).status_code == 404


def test_a_password_signs_in_a_peer_and_leads_back_to_where_they_were_going(room: Signing) -> None:
    room.with_password()
    browser = Browser(room.house)
    assert 'name="to" value="/partners?x=1"' in browser.opens("/sign-in?to=/partners%3Fx%3D1").text
    answer = browser.sends("/sign-in", email=" Sam@Example.org ", password=PASSWORD, to="/partners?x=1")
    assert (answer.status_code, answer.location) == (303, "/partners?x=1")
    assert browser.opens("/sign-in?to=/partners").location == "/partners"


@pytest.mark.parametrize(
    "to", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "javascript:x", "/a\nb", "x"]
)
def test_nobody_is_led_to_another_site(room: Signing, to: str) -> None:
    room.with_password()
    answer = Browser(room.house).sends("/sign-in", email="sam@example.org", password=PASSWORD, to=to)
    assert answer.location == "/work"


def test_staff_sign_in_with_a_code_as_well_and_are_given_recovery_codes_once(room: Signing) -> None:
    account_id, secret, codes = room.with_code()
    assert len(set(codes)) == 10
    browser = Browser(room.house)
    step = browser.signs_in()
    assert step.status_code == 200
    assert not browser.has(SESSION)
    answer = browser.sends("/sign-in/code", token=token_in(step), code=browser.code_of(secret), to="/partners")
    assert (answer.status_code, answer.location) == (303, "/partners")
    assert browser.has(SESSION)
    assert {row.subject for row in room.audited("second_factor.set")} == {account_id}


def test_a_code_of_the_moment_works_once(room: Signing) -> None:
    _, secret, _ = room.with_code()
    first, second = Browser(room.house), Browser(room.house)
    tokens = [token_in(browser.signs_in()) for browser in (first,)]
    code = first.code_of(secret)
    assert first.sends("/sign-in/code", token=tokens[0], code=code, to="/").status_code == 303
    answer = second.sends("/sign-in/code", token=token_in(second.signs_in()), code=code, to="/")
    assert answer.status_code == 401
    assert not second.has(SESSION)


def test_a_recovery_code_works_once_instead_of_the_app(room: Signing) -> None:
    _, _, codes = room.with_code()
    first = Browser(room.house)
    assert first.sends("/sign-in/code", token=token_in(first.signs_in()), code=codes[0].upper()).status_code == 303
    again = Browser(room.house)
    assert again.sends("/sign-in/code", token=token_in(again.signs_in()), code=codes[0]).status_code == 401
    assert again.sends("/sign-in/code", token=token_in(again.signs_in()), code=codes[1]).status_code == 303
    assert len(room.audited("recovery_code.use")) == 2


# ---- what is refused


def test_a_wrong_password_an_unknown_address_and_a_closed_account_are_answered_alike(room: Signing) -> None:
    account_id, _ = room.with_password()
    wrong = Browser(room.house).signs_in("another password")
    unknown = Browser(room.house).signs_in(email="nobody@example.org")
    room.network.api("POST", f"/api/v1/partners/{room.partner_id}/accounts/{account_id}/closure")
    closed = Browser(room.house).signs_in()
    own = re.compile(r'nonce="[^"]+"|name="form_token" value="[^"]+"|value="[^"]*@[^"]*"|<span class="bt-prose">[^<]*')
    said = [own.sub("", one.text) for one in (wrong, unknown, closed)]
    assert [one.status_code for one in (wrong, unknown, closed)] == [401, 401, 401]
    assert said[0] == said[1] == said[2]
    assert "The e-mail address, the password or the code is not right" in said[0]


def test_after_ten_wrong_passwords_the_right_one_waits_a_quarter_of_an_hour(room: Signing) -> None:
    room.with_password()
    answers = [Browser(room.house, f"198.51.100.{n}").signs_in("wrong password").status_code for n in range(10)]
    assert answers == [401] * 10
    assert Browser(room.house).signs_in().status_code == 429
    room.clock.advance(minutes=14)
    assert Browser(room.house).signs_in().status_code == 429
    room.clock.advance(minutes=2)
    assert Browser(room.house).signs_in().status_code == 303


def test_one_address_that_tries_many_accounts_waits_and_others_do_not(room: Signing, monkeypatch: Any) -> None:
    room.with_password()
    # What is compared takes a tenth of a second each; here only the counting matters.
    monkeypatch.setattr("services.partners.actions.proving.is_password", lambda *_: False)
    for n in range(60):
        assert Browser(room.house, "203.0.113.9").signs_in(email=f"p{n}@example.org").status_code == 401
    assert Browser(room.house, "203.0.113.9").signs_in().status_code == 429
    monkeypatch.undo()
    assert Browser(room.house, "203.0.113.10").signs_in().status_code == 303


def test_wrong_codes_are_counted_as_wrong_passwords_are(room: Signing) -> None:
    room.with_code()
    for n in range(10):
        browser = Browser(room.house, f"198.51.100.{n}")
        assert browser.sends("/sign-in/code", token=token_in(browser.signs_in()), code="000000").status_code == 401
    assert Browser(room.house).signs_in().status_code == 429


def test_between_password_and_code_lie_five_minutes_at_most(room: Signing) -> None:
    _, secret, _ = room.with_code()
    browser = Browser(room.house)
    token = token_in(browser.signs_in())
    room.clock.advance(minutes=6)
    answer = browser.sends("/sign-in/code", token=token, code=browser.code_of(secret))
    assert answer.status_code == 401
    assert "Begin again" in answer.text


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "Use 12 characters or more"),
        ("passwordpassword", "Many people have this password"),
        ("Password12345!", "Many people have this password"),
        ("qwertyuiop[]", "Many people have this password"),
        ("aaaaaaaaaaaaaaa", "Many people have this password"),
        ("beenthere for you all", "Leave out your own name"),
        ("samira walks on sand", "Leave out your own name"),
        ("x" * 129, "Use 128 characters or fewer"),
    ],
)
def test_a_password_that_somebody_would_guess_is_not_taken(room: Signing, password: str, says: str) -> None:
    _, path = room.invited()
    answer = Browser(room.house).sends(path, password=password)
    assert answer.status_code == 422
    assert says in answer.text
    assert password not in answer.text
    assert room.rows(tables.passwords) == []


def test_an_invitation_works_once_for_seven_days_and_a_newer_one_ends_it(room: Signing) -> None:
    account_id, path = room.invited()
    newer = room.invitation(account_id)
    assert Browser(room.house).opens(path).status_code == 404
    assert Browser(room.house).opens(newer).status_code == 200
    room.clock.advance(days=7, seconds=1)
    assert Browser(room.house).opens(newer).status_code == 404
    assert Browser(room.house).sends(newer, password=PASSWORD).status_code == 404


def test_two_people_never_sign_in_with_one_address(room: Signing) -> None:
    room.invited(email="sam@example.org")
    body = {"called": "Other", "roles": ["peer"], "email": "SAM@example.org"}
    at = f"/api/v1/partners/{room.partner_id}/accounts"
    answer = room.network.api("POST", at, body, Idempotency_Key="another one")
    assert (answer.status_code, answer.get_json()["rule"]) == (422, "LoginTaken")


# ---- sessions


def test_a_session_rests_a_quarter_of_an_hour_and_lasts_ten_hours(room: Signing) -> None:
    _, browser = room.with_password()
    room.clock.advance(minutes=14)
    assert browser.opens("/sign-in?to=/work").location == "/work"
    room.clock.advance(minutes=15)
    assert browser.opens("/sign-in?to=/work").status_code == 200
    Browser(room.house)
    other = Browser(room.house)
    other.signs_in()
    for _ in range(60):
        room.clock.advance(minutes=10)
        if other.opens("/sign-in?to=/work").status_code != 303:
            break
    assert sorted({row.why_ended for row in room.rows(tables.sessions)}) == ["lasted", "rested"]


def test_signing_in_again_gives_a_new_session_and_ends_the_one_before(room: Signing) -> None:
    _, browser = room.with_password()
    before = browser.client.get_cookie(SESSION)
    browser.signs_in()
    after = browser.client.get_cookie(SESSION)
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert [row.why_ended for row in room.rows(tables.sessions)].count("new_sign_in") == 1
    stolen = Browser(room.house)
    stolen.client.set_cookie(SESSION, before.value)
    assert stolen.opens("/sign-in?to=/work").status_code == 200


def test_signing_out_ends_session_and_pass(room: Signing) -> None:
    _, browser = room.with_password("peer")
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    bearer = {"Authorization": f"Bearer {cookie.value}"}
    assert browser.client.get("/api/v1/partners", headers=bearer).status_code == 403
    assert browser.sends("/sign-out").location == "/"
    assert not browser.has(SESSION)
    assert browser.client.get("/api/v1/partners", headers=bearer).status_code == 401
    assert browser.client.get("/sign-out").status_code == 405


def test_closing_an_account_ends_its_sessions_and_opening_it_again_lets_them_sign_in(room: Signing) -> None:
    account_id, browser = room.with_password()
    at = f"/api/v1/partners/{room.partner_id}/accounts/{account_id}/closure"
    assert room.network.api("POST", at).status_code == 204
    assert browser.opens("/sign-in?to=/work").status_code == 200
    assert room.facts("account.disabled") == [{"account_id": account_id, "disabled_at": "2026-03-02T10:00:00Z"}]
    assert room.network.api("DELETE", at).status_code == 204
    assert Browser(room.house).signs_in().status_code == 303


def test_nobody_closes_their_own_account(room: Signing) -> None:
    account_id, _ = room.with_password("partner_lead")
    me = room.house.as_("partner_lead", partner_id=room.partner_id, id=account_id)
    answer = me.api("POST", f"/api/v1/partners/{room.partner_id}/accounts/{account_id}/closure")
    assert (answer.status_code, answer.get_json()["rule"]) == (403, "OwnAccount")


def test_a_dump_of_the_records_signs_nobody_in(room: Signing) -> None:
    _, browser = room.with_password()
    _, path = room.invited(email="ash@example.org")
    cookie = browser.client.get_cookie(SESSION)
    assert cookie is not None
    kept = repr([room.rows(table) for table in tables.metadata.sorted_tables])
    for secret in (cookie.value, PASSWORD, path.rpartition("/")[2], "sam@example.org", "ash@example.org"):
        assert secret not in kept
    hashes = [row.hash for row in (*room.rows(tables.sessions), *room.rows(tables.once_only))]
    assert len(hashes) >= 3
    for one in hashes:
        other = Browser(room.house)
        other.client.set_cookie(SESSION, one)
        assert other.opens("/sign-in?to=/work").status_code == 200
        assert other.opens(f"/sign-in/invitation/{one}").status_code == 404


def test_outside_a_demo_nobody_becomes_somebody_by_choosing(room: Signing) -> None:
    account_id, _ = room.invited()
    answer = Browser(room.house).sends("/sign-in/demo", kind="account", id=account_id)
    assert answer.status_code == 404


def test_whoever_is_still_there_stays_without_leaving_the_page(room: Signing) -> None:
    _, browser = room.with_password()
    room.clock.advance(minutes=14)
    stayed = browser.sends("/sign-in/stay")
    assert (stayed.status_code, stayed.get_json()) == (200, {"rests_in": 900})
    room.clock.advance(minutes=14)
    assert browser.opens("/sign-in?to=/work").location == "/work"
    room.clock.advance(minutes=15)
    assert browser.sends("/sign-in/stay").status_code == 401


def test_a_page_knows_when_its_session_ends_by_itself(room: Signing) -> None:
    _, browser = room.with_password()
    assert 'data-rests-in="900"' in browser.opens("/sign-in/done").text
    room.clock.advance(minutes=4)
    assert 'data-rests-in="660"' in browser.opens("/sign-in/done").text
    assert "data-rests-in" not in Browser(room.house).opens("/sign-in/done").text
