"""One's own account: another password, an app for codes, recovery codes, sessions; and who helps whoever lost them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from werkzeug.test import TestResponse

from services.partners import store
from services.partners.actions import proving
from services.partners.actions.sessions import whole
from services.partners.store import tables
from tests.builders import TestHouse, a_house
from tests.integration.partners.conftest import Partners
from tests.integration.partners.test_signing_in import PASSWORD, SESSION, Browser, Signing, secret_in, token_in
from tests.parts.postgres import Databases

AT = "/partners/your-account"
ANOTHER = "two herons by the weir"
_NUMBERS = itertools.count(1)


class Own(Signing):
    """Somebody with an account and a password, whose e-mail address is of one test alone."""

    def __init__(self, house: TestHouse, partner_id: str) -> None:
        Partners.__init__(self, house)
        self.partner_id, self.email = partner_id, f"sam{next(_NUMBERS)}@example.org"
        self.account_id = ""

    def begins(self, role: str = "peer") -> Browser:
        """They are invited and choose a password; gives their browser."""
        self.account_id, path = self.invited(role, self.email)
        browser = Browser(self.house)
        self.step = browser.sends(path, password=PASSWORD)
        return browser

    def another(self, password: str = PASSWORD) -> Browser:
        """They sign in from another browser."""
        browser = Browser(self.house, "198.51.100.8")
        self.step = browser.signs_in(password, self.email)
        return browser

    def with_app(self, browser: Browser) -> tuple[str, list[str]]:
        """They set up an app on their page; its secret, and the recovery codes."""
        return self.confirms(browser, browser.sends(f"{AT}/second-factor", password=PASSWORD))

    def confirms(self, browser: Browser, page: TestResponse) -> tuple[str, list[str]]:
        secret = secret_in(page)
        done = browser.sends("/sign-in/factor", token=token_in(page), code=browser.code_of(secret), to=AT)
        assert done.status_code == 200, done.text
        self.clock.advance(minutes=1)
        return secret, codes_in(done)

    def shows(self, code: str, address: str = "198.51.100.9") -> int:
        """They sign in anew with the password and this code; the status of the answer."""
        browser = Browser(self.house, address)
        step = browser.signs_in(PASSWORD, self.email)
        return browser.sends("/sign-in/code", token=token_in(step), code=code).status_code

    def of(self, action: str) -> list[Any]:
        """What stands on record of them under this action."""
        return [row for row in self.audited(action) if row.subject == self.account_id]

    def told(self) -> int:
        """How many times they are told that how they sign in was changed."""
        return [row.template for row in self.rows(tables.notices) if row.recipient_id == self.account_id].count(
            "sign_in_changed"
        )

    def why_ended(self) -> list[str | None]:
        return [row.why_ended for row in self.rows(tables.sessions) if row.who_id == self.account_id]

    def asks_reset(self, by: Any, why: str = "They rang me; I know their voice.") -> TestResponse:
        answer: TestResponse = by.form(f"/partners/{self.partner_id}/accounts/{self.account_id}/reset", {"why": why})
        return answer


def codes_in(page: TestResponse) -> list[str]:
    return re.findall(r"<code>([\w-]{29})</code>", page.text)


def is_in(browser: Browser) -> bool:
    """Whether a browser is still shown its own page."""
    return browser.opens(AT).status_code == 200


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestHouse, str]]:
    """One house for every test on a database; each test has an account of its own, and a hash takes no time."""
    changes: dict[str, Any] = {"demo": False}
    databases = None
    if request.param == "postgres":
        databases = Databases(request.getfixturevalue("postgres_server"))
        changes["database_url"] = databases.of("partners")
    house = a_house(tmp_path_factory.mktemp("own"), "partners", **changes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proving, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield house, Partners(house).joined()
    house.close()
    if databases:
        databases.close()


@pytest.fixture
def own(opened: tuple[TestHouse, str]) -> Iterator[Own]:
    made = Own(*opened)
    yield made
    # What failed in one test is no other's.
    made.clock.advance(minutes=16)


# ---- a password


def test_somebody_changes_their_own_password_and_every_other_session_ends_at_once(own: Own) -> None:
    browser, other = own.begins(), own.another()
    before = browser.client.get_cookie(SESSION)
    answer = browser.sends(f"{AT}/password", password=PASSWORD, new_password=ANOTHER)
    assert (answer.status_code, answer.location) == (303, f"{AT}?said=password")
    assert "every other session has ended" in browser.opens(answer.location).text
    assert not is_in(other)
    after = browser.client.get_cookie(SESSION)
    assert before
    assert after
    assert before.value != after.value
    assert own.why_ended().count("account") == 2
    assert own.another().has(SESSION) is False
    assert own.another(ANOTHER).has(SESSION)
    assert (len(own.of("password.change")), own.told()) == (1, 1)


def test_the_password_they_have_is_asked_for_and_a_wrong_one_changes_nothing_and_is_counted(own: Own) -> None:
    browser, other = own.begins(), own.another()
    for fields in ({"password": "not the right one"}, {}):
        answer = browser.sends(f"{AT}/password", new_password=ANOTHER, **fields)
        assert answer.status_code == 422
    assert is_in(other)
    assert own.another().has(SESSION)
    assert [row.rule for row in own.of("sign_in.try")] == ["SignInRefused"]
    assert own.of("password.change") == []


def test_ten_wrong_ones_and_the_right_one_waits_on_the_page_and_where_one_signs_in(own: Own) -> None:
    browser = own.begins()
    said = [browser.sends(f"{AT}/password", password=f"wrong {n}", new_password=ANOTHER).status_code for n in range(9)]
    said.append(browser.sends(f"{AT}/second-factor", password="wrong").status_code)
    assert said == [422] * 10
    for path in ("password", "second-factor", "sessions"):
        waits = browser.sends(f"{AT}/{path}", password=PASSWORD, new_password=ANOTHER, session="others")
        assert waits.status_code in {422, 429}
    assert browser.sends(f"{AT}/second-factor", password=PASSWORD).status_code == 429
    own.another()
    assert own.step.status_code == 429


@pytest.mark.parametrize("new", ["short", "passwordpassword", "samira walks on sand", "beenthere for you all"])
def test_the_new_one_is_held_to_the_same_rules(own: Own, new: str) -> None:
    browser = own.begins()
    answer = browser.sends(f"{AT}/password", password=PASSWORD, new_password=new)
    assert answer.status_code == 422
    assert new not in answer.text
    assert PASSWORD not in answer.text
    assert own.of("password.change") == []


def test_a_change_that_came_second_is_refused_and_an_open_invitation_is_good_no_more(own: Own) -> None:
    browser = own.begins()
    path = own.invitation(own.account_id)
    with own.house["partners"].writing() as unit:
        kept = store.password_of(whole(unit), unit, own.account_id)
        assert store.change_password(unit, own.account_id, "a hash of before", "x") is False
        assert store.password_of(whole(unit), unit, own.account_id) == kept
    assert browser.sends(f"{AT}/password", password=PASSWORD, new_password=ANOTHER).status_code == 303
    assert browser.opens(path).status_code == 404


def test_a_form_with_a_password_that_came_too_late_is_not_handed_back(own: Own) -> None:
    browser = own.begins()
    own.clock.advance(minutes=20)
    answer = browser.sends(f"{AT}/password", password=PASSWORD, new_password=ANOTHER)
    assert answer.status_code == 401
    assert PASSWORD not in answer.text
    assert ANOTHER not in answer.text


def test_whoever_has_no_password_sees_their_sessions_alone(own: Own) -> None:
    caller = own.house.as_("coordinator")
    page = caller.page(AT)
    assert (page.status_code, "Where you are signed in" in page.text) == (200, True)
    assert "Change your password" not in page.text
    assert caller.form(f"{AT}/password", {"password": PASSWORD, "new_password": ANOTHER}).status_code == 409
    assert caller.form(f"{AT}/second-factor", {"password": PASSWORD}).status_code == 409


# ---- a second factor


def test_a_peer_who_wants_one_sets_up_a_second_factor_and_is_asked_for_it_from_then_on(own: Own) -> None:
    browser, other = own.begins(), own.another()
    assert "Key: <code" not in browser.sends(f"{AT}/second-factor", password="not it").text
    secret, codes = own.with_app(browser)
    assert len(set(codes)) == 10
    assert is_in(browser)
    assert not is_in(other)
    assert not own.another().has(SESSION)
    assert "The six digits" in own.step.text
    assert own.shows("000000") == 401
    assert own.shows(browser.code_of(secret)) == 303
    assert (len(own.of("second_factor.set")), own.told()) == (1, 1)


def test_an_app_that_was_never_confirmed_asks_nobody_for_a_code(own: Own) -> None:
    browser = own.begins()
    assert secret_in(browser.sends(f"{AT}/second-factor", password=PASSWORD))
    assert own.another().has(SESSION)


def test_a_new_app_asks_for_password_and_code_and_the_old_one_works_until_it_gives_its_first(own: Own) -> None:
    browser = own.begins()
    old, _ = own.with_app(browser)
    for fields in ({"password": PASSWORD}, {"password": PASSWORD, "code": "000000"}, {"code": browser.code_of(old)}):
        page = browser.sends(f"{AT}/second-factor", **fields)
        assert page.status_code == 422
        assert "Key: <code" not in page.text
    page = browser.sends(f"{AT}/second-factor", password=PASSWORD, code=browser.code_of(old))
    assert old not in page.text.replace(" ", "")
    own.clock.advance(minutes=1)
    assert own.shows(browser.code_of(old)) == 303
    wrong = browser.sends("/sign-in/factor", token=token_in(page), code=browser.code_of(old), to=AT)
    assert wrong.status_code == 422
    assert own.told() == 1
    new, _ = own.confirms(browser, page)
    assert own.shows(browser.code_of(old)) == 401
    assert own.shows(browser.code_of(new)) == 303
    assert (len(own.of("second_factor.set")), own.told()) == (2, 2)


def test_a_recovery_code_sets_up_a_new_app_once(own: Own) -> None:
    browser = own.begins()
    _, codes = own.with_app(browser)
    new, _ = own.confirms(browser, browser.sends(f"{AT}/second-factor", password=PASSWORD, code=codes[3]))
    assert own.shows(browser.code_of(new)) == 303
    assert own.shows(codes[4]) == 401


def test_new_recovery_codes_take_the_place_of_the_old_ones(own: Own) -> None:
    browser = own.begins()
    assert browser.sends(f"{AT}/recovery-codes", password=PASSWORD).status_code == 409
    secret, old = own.with_app(browser)
    assert browser.sends(f"{AT}/recovery-codes", password=PASSWORD, code="000000").status_code == 422
    new = codes_in(browser.sends(f"{AT}/recovery-codes", password=PASSWORD, code=browser.code_of(secret)))
    assert len(set(new) - set(old)) == 10
    assert own.shows(old[0]) == 401
    assert own.shows(new[0]) == 303
    assert (len(own.of("recovery_codes.renew")), own.told()) == (1, 2)
    kept = repr([own.rows(table) for table in tables.metadata.sorted_tables])
    assert [one for one in (*new, secret, new[1].replace("-", "")) if one in kept] == []


# ---- whoever lost app and codes


@pytest.mark.parametrize("role", ["peer", "referrer"])
def test_whoever_lost_both_sets_up_another_after_one_asked_and_a_second_confirmed(own: Own, role: str) -> None:
    browser = own.begins(role)
    _, codes = own.with_app(browser) if role == "peer" else own.confirms(browser, own.step)
    lead = own.lead_of(own.partner_id)
    assert "Lost app and recovery codes" in lead.page(f"/partners/{own.partner_id}/accounts/{own.account_id}").text
    asked = own.asks_reset(lead)
    assert asked.status_code == 303
    at = asked.location
    assert is_in(browser)
    assert own.shows(codes[0]) == 303
    assert lead.form(f"{at}/confirmation").status_code == 409
    assert "Have them set up another app" in own.network.page(at).text
    assert own.network.form(f"{at}/confirmation").status_code == 303
    assert not is_in(browser)
    assert not own.another().has(SESSION)
    fresh = Browser(own.house)
    step = fresh.signs_in(PASSWORD, own.email)
    assert "Key: <code" in step.text
    secret, _ = own.confirms(fresh, step)
    assert is_in(fresh)
    assert own.shows(codes[1]) == 401
    assert own.shows(fresh.code_of(secret)) == 303
    # Whoever must have one is not told that they set up their first; a peer who wanted one is, each time.
    assert (len(own.of("second_factor.reset")), own.told()) == (1, 3 if role == "peer" else 1)


def test_a_try_at_the_code_that_was_begun_before_the_reset_leads_nowhere(own: Own) -> None:
    browser = own.begins()
    _, codes = own.with_app(browser)
    waiting = own.another()
    token = token_in(own.step)
    assert own.second.form(f"{own.asks_reset(own.network).location}/confirmation").status_code == 303
    assert waiting.sends("/sign-in/code", token=token, code=codes[0]).status_code == 401
    assert not waiting.has(SESSION)


def test_a_reset_that_is_refused_or_for_whom_there_is_nothing_to_reset_changes_nothing(own: Own) -> None:
    browser = own.begins()
    assert own.asks_reset(own.network).status_code == 409
    _, codes = own.with_app(browser)
    assert own.asks_reset(own.network, why="").status_code == 422
    assert own.second.form(f"{own.asks_reset(own.network).location}/refusal").status_code == 303
    assert is_in(browser)
    assert own.shows(codes[0]) == 303
    assert own.of("second_factor.reset") == []


def test_nobody_asks_it_for_themselves_and_a_partner_lead_for_nobody_whose_role_reaches_further(own: Own) -> None:
    browser = own.begins("coordinator")
    own.confirms(browser, own.step)
    lead = own.lead_of(own.partner_id)
    assert own.asks_reset(lead).status_code == 403
    themselves = own.house.as_("partner_lead", partner_id=own.partner_id, id=own.account_id)
    assert own.asks_reset(themselves).status_code == 403
    asked = own.asks_reset(own.network)
    assert lead.form(f"{asked.location}/confirmation").status_code == 403
    assert is_in(browser)
    assert own.second.form(f"{asked.location}/confirmation").status_code == 303
    assert not is_in(browser)


# ---- sessions


def handles(page: TestResponse) -> list[str]:
    found = re.findall(r'name="session"[^>]*value="([\w-]{43})"', page.text)
    return found or re.findall(r'value="([\w-]{43})"[^>]*name="session"', page.text)


def test_somebody_sees_their_own_sessions_and_ends_one_in_another_browser(own: Own) -> None:
    browser, other, third = own.begins(), own.another(), own.another()
    page = browser.opens(AT)
    shown = handles(page)
    assert (len(shown), page.text.count("This one")) == (2, 1)
    assert "198.51" not in page.text
    assert browser.sends(f"{AT}/sessions", session=shown[0]).status_code == 422
    assert browser.sends(f"{AT}/sessions", session=shown[0], password="not it").status_code == 422
    assert is_in(other)
    assert is_in(third)
    answer = browser.sends(f"{AT}/sessions", session=shown[0], password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, f"{AT}?said=session")
    assert [is_in(one) for one in (browser, other, third)].count(True) == 2
    assert is_in(browser)
    assert browser.sends(f"{AT}/sessions", session="others", password=PASSWORD).status_code == 303
    assert [is_in(one) for one in (browser, other, third)] == [True, False, False]
    assert own.why_ended().count("owner") == 2
    assert len(own.of("session.end")) == 2


def test_anothers_session_is_not_found_and_goes_on(own: Own, opened: tuple[TestHouse, str]) -> None:
    browser, other = own.begins(), Own(*opened)
    theirs = other.begins()
    (handle,) = [row.handle for row in own.rows(tables.sessions) if row.who_id == other.account_id]
    assert handle not in browser.opens(AT).text
    for one in (handle, "x" * 43):
        assert browser.sends(f"{AT}/sessions", session=one, password=PASSWORD).status_code == 404
    assert is_in(theirs)


def test_a_session_that_has_rested_too_long_is_not_shown(own: Own) -> None:
    own.begins()
    own.clock.advance(minutes=16)
    browser = own.another()
    page = browser.opens(AT)
    assert (page.text.count("This one"), handles(page)) == (1, [])
