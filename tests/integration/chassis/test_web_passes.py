"""Who may knock at the web doors: passes, forms of other sites, the host a request names."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey
from werkzeug.test import Client

from chassis import passes
from chassis.settings import Settings, SettingsFaulty, read
from tests.builders import COOKIE, PASS_KEY, a_pass, shows_a_form
from tests.integration.chassis.web_room import API, PAGE, Letters

# ---- who may knock


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://localhost.elsewhere.example"}, False),
        ({"Origin": "http://elsewhere.example"}, False),
        ({"Origin": "http://localhost:8000"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_form_of_another_site_does_nothing_with_somebodys_pass(
    letters: Letters, headers: dict[str, str], *, is_taken: bool
) -> None:
    client = Client(letters.house)
    client.set_cookie(COOKIE, letters.lead.token)
    token = shows_a_form(client, letters["partners"].app)
    answer = client.post(PAGE, data={"do": "state", **token}, headers=headers)
    assert answer.status_code == (200 if is_taken else 403)
    assert len(letters.stated()) == (1 if is_taken else 0)
    if not is_taken:
        assert [row.rule for row in letters.audited()] == ["ForeignForm"]
        assert "This request came from another site" in answer.text
    assert client.get(PAGE, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Origin": "http://elsewhere.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200), ({}, 200),
    ],
)  # fmt: skip
def test_nobody_is_signed_in_by_a_form_of_another_site(letters: Letters, headers: dict[str, str], status: int) -> None:
    assert Client(letters.house).post(f"{PAGE}/open", data={"do": "x"}, headers=headers).status_code == status


def form_of(page: str) -> dict[str, str]:
    """What the one form of a page carries beside what is typed."""
    return dict(re.findall(r'<input type="hidden" name="(form_token)" value="([^"]+)">', page))


def test_a_form_carries_the_token_of_the_browser_it_was_shown_to_and_works_in_no_other(letters: Letters) -> None:
    theirs, ours = Client(letters.house), Client(letters.house)
    ours.set_cookie(COOKIE, letters.lead.token)
    stolen, token = form_of(theirs.get(f"{PAGE}/open").text), form_of(ours.get(PAGE).text)
    assert len(stolen) == len(token) == 1
    typed = {"do": "state", "name": "Typed for <ten> minutes"}
    for odd in (stolen, {}, {"form_token": ""}, {"form_token": token["form_token"][:-2] + "xx"}):
        refused = ours.post(PAGE, data={**typed, **odd}, headers={"Sec-Fetch-Site": "same-origin"})
        assert refused.status_code == 403
        assert letters.stated() == []
        # What was typed is there, to be sent again with a token of this browser.
        assert 'name="name" value="Typed for &lt;ten&gt; minutes"' in refused.text
    again = {**typed, **form_of(refused.text)}
    assert ours.post(PAGE, data=again, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert len(letters.stated()) == 1


def test_no_door_reads_the_token_and_no_cookie_of_it_is_readable_by_scripts(letters: Letters) -> None:
    client = Client(letters.house)
    client.set_cookie(COOKIE, letters.lead.token)
    page = client.get(PAGE)
    (cookie,) = [text for text in page.headers.getlist("Set-Cookie") if text.startswith("beenthere_form=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    sent = {"do": "show", **form_of(page.text)}
    assert client.post(PAGE, data=sent, headers={"Sec-Fetch-Site": "same-origin"}).get_json() == {"do": "show"}


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "elsewhere.example:99", "[::1]:8400", "a b", "<script>", "x" * 300]
)
def test_the_host_a_request_names_is_nowhere_in_the_answer(letters: Letters, host: str) -> None:
    client = Client(letters.house)
    bearer = {"Authorization": f"Bearer {letters.lead.token}", "Host": host}
    for answer in (
        client.get(PAGE, headers=bearer), client.get(API, headers=bearer), client.get(PAGE, headers={"Host": host}),
        client.post(API, json={"do": "refuse"}, headers=bearer), client.get("/partners/nothing", headers=bearer),
        client.get("/openapi/partners.json", headers=bearer),
    ):  # fmt: skip
        assert answer.status_code in {200, 303, 400, 404, 409}
        assert host not in answer.text
        assert all(host not in text for _name, text in answer.headers)
        assert (answer.location or "/").startswith("/")


@pytest.mark.parametrize(
    "header",
    [
        "Basic bGVhZDpsZWFk",
        "Bearer",
        "Bearer ",
        "Bearer x.y",
        "bearer {token}x",
        "Token {token}",
        "Bearer {token} more",
    ],
)
def test_a_pass_that_is_none_is_refused(letters: Letters, header: str) -> None:
    client = Client(letters.house)
    answer = client.get(API, headers={"Authorization": header.replace("{token}", letters.lead.token)})
    assert (answer.status_code, answer.get_json()["rule"]) == (401, "PassRefused")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert letters.lead.token not in answer.text


def test_a_pass_runs_out_after_ten_minutes_and_at_the_end_of_its_session(letters: Letters) -> None:
    client, who = Client(letters.house), letters.lead.who

    def asks_with(token: str) -> int:
        return client.get(API, headers={"Authorization": f"Bearer {token}"}).status_code

    now = letters.clock.now()
    whole = a_pass(who, now)
    short = passes.mint(PASS_KEY, who, now, until=now + timedelta(minutes=3))
    assert [asks_with(whole), asks_with(short)] == [200, 200]
    letters.clock.advance(minutes=4)
    assert [asks_with(whole), asks_with(short)] == [200, 401]
    letters.clock.advance(minutes=7)
    assert asks_with(whole) == 401


def test_a_pass_signed_with_another_key_was_never_good(letters: Letters) -> None:
    token = passes.mint(passes.new_key(), letters.lead.who, letters.clock.now())
    answer = Client(letters.house).get(API, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.get_json()["rule"]) == (401, "PassRefused")


def test_an_odd_cookie_is_nobody(letters: Letters) -> None:
    client = Client(letters.house)
    client.set_cookie(COOKIE, "odd")
    assert client.get(PAGE).location == f"/sign-in?to={PAGE}"
    assert client.get(f"{PAGE}/open").status_code == 200


def test_whoever_was_signed_out_gets_their_form_back_and_nothing_is_done(letters: Letters) -> None:
    sent = {"do": "state", "name": "Typed for <ten> minutes"}
    answer = Client(letters.house).post(PAGE, data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401
    assert "Nothing you typed is lost" in answer.text
    assert 'name="name" value="Typed for &lt;ten&gt; minutes"' in answer.text
    assert letters.stated() == []
    foreign = Client(letters.house).post(PAGE, data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert "Typed for" not in foreign.text


# ---- a pass that grew old


@pytest.mark.parametrize(
    ("minutes", "headers", "is_sent_on"),
    [
        (4, {"Sec-Fetch-Dest": "document"}, False),
        (6, {"Sec-Fetch-Dest": "document"}, True),
        (6, {"Accept": "text/html,application/xhtml+xml"}, True),
        (6, {"Sec-Fetch-Dest": "empty", "Accept": "text/html"}, False),
        (6, {"Accept": "application/json"}, False),
    ],
)
def test_a_page_opened_with_an_old_pass_fetches_a_new_one_and_a_script_never_does(
    letters: Letters, minutes: int, headers: dict[str, str], *, is_sent_on: bool
) -> None:
    client = Client(letters.house)
    client.set_cookie(COOKIE, letters.lead.token)
    letters.clock.advance(minutes=minutes)
    answer = client.get(f"{PAGE}?kind=a", headers=headers)
    assert answer.status_code == (303 if is_sent_on else 200)
    if is_sent_on:
        assert answer.location == f"/sign-in?to={PAGE}%3Fkind%3Da"


def test_nobody_is_sent_to_renew_twice_in_a_minute_though_two_clocks_lie_apart(letters: Letters) -> None:
    client = Client(letters.house)
    client.set_cookie(COOKIE, letters.lead.token)
    letters.clock.advance(minutes=6)
    assert client.get(PAGE, headers={"Sec-Fetch-Dest": "document"}).status_code == 303
    client.set_cookie("beenthere_renewed", "1")
    assert client.get(PAGE, headers={"Sec-Fetch-Dest": "document"}).status_code == 200


def test_a_demo_beside_real_sign_in_is_refused_at_the_start(tmp_path: Path) -> None:
    key = tmp_path / "provider.key"
    key.touch(0o600)
    key.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
    real = {
        "BEENTHERE_OIDC_ISSUER": "https://sign-in.example", "BEENTHERE_OIDC_CLIENT_ID": "been-there",
        "BEENTHERE_OIDC_KEY_FILE": str(key), "BEENTHERE_ORIGIN": "https://network.example",
    }  # fmt: skip
    with pytest.raises(SettingsFaulty) as refused:
        read({"BEENTHERE_DEMO": "yes", "BEENTHERE_PORT": "many", **real})
    assert len(refused.value.faults) == 2
    assert "a demo never runs beside real sign-in" in str(refused.value)
    for alone in ({"BEENTHERE_DEMO": "yes"}, real):
        assert isinstance(read(alone), Settings)
