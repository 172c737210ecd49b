"""A private link from its making to its end: what it shows, how often somebody may try, and that it stands nowhere."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.web import form_tokens
from contracts.links import hash_of
from tests.builders import TestHouse, a_house, shows_a_form
from tests.integration.partners.linked import WORD, Linked
from tests.integration.partners.test_signing_in import Browser

FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestHouse, str]]:
    """One house for every test, and the partner in it; each test has a person of its own."""
    house = a_house(tmp_path_factory.mktemp("links"), "partners", "referrals", demo=False)
    house["partners"].app.extensions["minter"].renew_key()
    yield house, Linked(house).partner_id
    house.close()


@pytest.fixture
def room(opened: tuple[TestHouse, str]) -> Linked:
    return Linked(*opened)


# ---- opening


@pytest.mark.parametrize("has_word", [True, False])
def test_without_the_word_only_where_things_stand_is_shown(room: Linked, has_word: bool) -> None:
    if has_word:
        room.chooses()
    path, browser = room.mints(), Browser(room.house)
    assert ("Your word, please" in browser.opens(path).text) is has_word
    answer = browser.sends(path, without="yes")
    assert (answer.status_code, answer.location) == (303, "/my/referral/standing")
    assert room.who(browser).only == "standing"
    shown = browser.opens("/my/referral/standing").text
    assert "It is under way" in shown
    text = re.sub(r"<[^>]+>", " ", shown)
    assert re.findall(r"Jordan|Northmoor|March|2026|\d(?:am|pm)", text) == []
    assert browser.opens("/my/referral").status_code == 403
    stop = browser.opens("/my/referral/withdrawal").text
    assert 'href="/my/referral/standing"' in stop
    assert browser.sends("/my/referral/withdrawal").location == "/my/referral/standing"
    assert "Consent was taken back" in browser.opens("/my/referral/standing").text


def test_a_word_that_nobody_chose_opens_nothing_more(room: Linked) -> None:
    browser = Browser(room.house)
    assert browser.sends(room.mints(), word="anything").location == "/my/referral/standing"


def test_a_program_that_follows_links_in_letters_begins_nothing(room: Linked) -> None:
    room.chooses()
    path, browser = room.mints(), Browser(room.house)
    for answer in (browser.opens(path), browser.client.head(path), browser.client.options(path)):
        given = [one.partition("=")[0] for one in answer.headers.getlist("Set-Cookie")]
        assert set(given) <= {form_tokens.COOKIE_PLAIN}
    assert room.sessions() == []
    assert browser.sends(path, word=WORD).status_code == 303
    assert len(room.sessions()) == 1


def test_a_form_of_another_site_signs_nobody_in(room: Linked) -> None:
    room.chooses()
    path, browser = room.mints(), Browser(room.house)
    assert browser.client.post(path, data={"word": WORD}, headers=FROM_ELSEWHERE).status_code == 403
    other = {"Origin": "https://elsewhere.example"}
    assert browser.client.post(path, data={"word": WORD}, headers=other).status_code == 403
    # A page that says nothing of where it is has a browser say null, as another site's page may too: the token tells.
    nameless = {"Origin": "null"}
    assert browser.client.post(path, data={"word": WORD}, headers=nameless).status_code == 403
    assert room.sessions() == []
    token = shows_a_form(browser.client, room.house["partners"].app)
    assert browser.client.post(path, data={"word": WORD, **token}, headers=nameless).status_code == 303


def test_the_address_of_a_link_goes_nowhere_else(room: Linked) -> None:
    room.chooses()
    path, browser = room.mints(), Browser(room.house)
    for answer in (browser.opens(path), browser.sends(path, word="not it"), browser.sends(path, word=WORD)):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert path.removeprefix("/l/") not in answer.text + str(answer.headers)
    # Somebody whose pass grew old is not sent round by an address that would hold it.
    room.clock.advance(minutes=6)
    browser.client.delete_cookie("beenthere_renewed")
    assert browser.opens(path).status_code == 200
    bad = browser.client.get(path, headers={"Authorization": "Bearer nothing"})
    assert bad.status_code == 401
    assert bad.location is None


# ---- what does not open


def test_a_link_runs_out_after_its_days(room: Linked) -> None:
    path = room.mints()
    room.clock.advance(days=89, hours=23)
    assert Browser(room.house).opens(path).status_code == 200
    room.clock.advance(hours=1)
    assert Browser(room.house).opens(path).status_code == 404


def test_patience_does_not_find_the_word(room: Linked) -> None:
    room.chooses()
    path = room.mints()
    for _ in range(4):
        for number in range(5):
            assert Browser(room.house).sends(path, word=f"wrong {number}").status_code == 401
        room.clock.advance(hours=2)
        room.house["partners"].tick()
    worn = Browser(room.house).sends(path, word=WORD)
    assert (worn.status_code, "for a new one" in worn.text) == (429, True)
    assert Browser(room.house).sends(room.mints(), word=WORD).status_code == 303


def test_one_address_tries_the_words_of_many_links_only_so_often(room: Linked) -> None:
    room.chooses()
    address = Browser(room.house, address="203.0.113.77")
    answers: list[int] = []
    for number in range(6):
        path = room.mints()
        answers += [address.sends(path, word=f"wrong {number}").status_code for _ in range(5)]
    assert answers == [401] * 30
    assert address.sends(room.mints(), word="wrong again").status_code == 429
    assert Browser(room.house, address="203.0.113.78").sends(room.mints(), word=WORD).status_code == 303


def test_an_empty_word_is_no_try(room: Linked) -> None:
    room.chooses()
    path = room.mints()
    for _ in range(6):
        assert Browser(room.house).sends(path, word="  ").status_code == 422
    assert Browser(room.house).sends(path, word=WORD).status_code == 303


# ---- how it ends


def test_of_somebody_protected_a_link_gives_no_more_whatever_word_is_said(room: Linked) -> None:
    room.chooses()
    room.does("protection")
    room.house.quiet()
    browser = room.opened()
    assert room.who(browser).only == "standing"
    room.signals()
    assert room.who(browser).only == "standing"
    # Lifted, the same link gives all again to whoever says the word.
    room.does("protection", "DELETE")
    room.house.quiet()
    assert room.who(room.opened()).only == "own_pages"


def test_a_session_by_a_link_is_shorter_than_others_and_renews_its_own_purpose(room: Linked) -> None:
    room.chooses()
    browser = room.opened()
    for _ in range(5):
        room.clock.advance(minutes=11)
        assert browser.opens("/sign-in?to=/my/referral").location == "/my/referral"
        assert room.who(browser).only == "own_pages"
    room.clock.advance(minutes=6)
    assert browser.opens("/sign-in?to=/my/referral").status_code == 200
    assert [one.why_ended for one in room.sessions()] == ["lasted"]


def test_a_session_by_a_link_ends_by_itself_where_nobody_looks(room: Linked) -> None:
    room.chooses()
    browser = room.opened()
    room.clock.advance(minutes=14)
    room.house["partners"].tick()
    assert [one.ended_at for one in room.sessions()] == [None]
    assert browser.opens("/sign-in?to=/my/referral").status_code == 303
    room.clock.advance(minutes=15)
    room.house["partners"].tick()
    assert [one.why_ended for one in room.sessions()] == ["rested"]


# ---- making and taking back


def test_nobody_makes_a_link_for_whoever_took_consent_back_or_is_not_there(room: Linked) -> None:
    room.does("consent-withdrawal")
    answer = room.coordinator.api("POST", f"{room.people}/link")
    assert (answer.status_code, answer.get_json()["rule"]) == (409, "ConsentMissing")
    nobody = f"/api/v1/referrals/people/{room.house.ids.new()}/link"
    assert room.coordinator.api("POST", nobody).status_code == 404
    assert room.coordinator.api("DELETE", nobody).status_code == 404
    assert room.house.as_("referrer").api("POST", f"{room.people}/link").status_code == 403


@pytest.mark.parametrize("word", ["tea", "Okafor", "27031985"])
def test_a_word_others_know_of_the_person_is_refused_and_not_repeated(room: Linked, word: str) -> None:
    answer = room.coordinator.api("PUT", f"{room.people}/word", {"word": word})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "word"
    assert word not in answer.text
    assert room.stated("word.chosen") == []


def test_a_coordinator_makes_it_on_the_page_of_the_referral(room: Linked) -> None:
    at, back = f"/referrals/people/{room.person_id}", {"back": room.referral_id}
    page = f"/referrals/{room.referral_id}"
    assert "They have chosen no word yet" in room.coordinator.page(page).text
    refused = room.coordinator.form(f"{at}/word", {**back, "word": "Okafor"})
    assert (refused.status_code, "part of their name" in refused.text) == (422, True)
    assert "Okafor" not in refused.text.partition('name="word"')[2][:200]
    assert room.coordinator.form(f"{at}/word", {**back, "word": WORD}).location == page
    made = room.coordinator.form(f"{at}/link", back)
    room.house.quiet()
    (token,) = re.findall(r"/l/([\w-]{43})<", made.text)
    assert "is shown only now" in made.text
    shown = room.coordinator.page(page).text
    assert "The link made on" in shown
    assert token not in shown
    assert WORD not in shown
    assert Browser(room.house).sends(f"/l/{token}", word=WORD).location == "/my/referral"
    assert room.coordinator.form(f"{at}/link/revocation", back).location == page
    room.house.quiet()
    assert Browser(room.house).opens(f"/l/{token}").status_code == 404
    assert "Make a private link" in room.coordinator.page(page).text


# ---- its secrets stand nowhere


def test_token_and_word_stand_in_no_fact_row_log_line_metric_or_audit_row(told: io.StringIO, tmp_path: Path) -> None:
    house = a_house(tmp_path, "partners", "referrals", demo=False, log_level="debug")
    room = Linked(house)
    room.chooses("Kestrelwing")
    path, browser = room.mints(), Browser(house)
    token = path.removeprefix("/l/")
    for word in ("Sparrowfield", "Kestrelwing"):
        browser.opens(path)
        browser.sends(path, word=word)
    browser.opens("/my/referral")
    metrics = "".join(house.as_nobody()._client.get("/metrics", headers={"Host": "x"}).text for _ in range(1))
    bodies = {"log": told.getvalue(), "metrics": metrics}
    for name in ("partners", "referrals"):
        with house[name].database.reading("network") as connection:
            for table in sa.inspect(connection).get_table_names():
                rows = connection.execute(sa.text(f'SELECT * FROM "{table}"')).all()  # noqa: S608 - our own tables
                bodies[f"{name}.{table}"] = " ".join(map(str, rows))
    house.close()
    assert "route=/l/<token>" in bodies["log"] or '"/l/<token>"' in bodies["log"]
    hidden = {token, "kestrelwing", "sparrowfield"}
    assert {name for name, text in bodies.items() if any(one.lower() in text.lower() for one in hidden)} == set()
    # The control: what is kept on purpose is found.
    assert {"partners.links", "referrals.facts"} <= {n for n, text in bodies.items() if hash_of(token) in text}
