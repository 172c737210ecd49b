"""Who may knock at the web doors: passes, forms of other sites, the host a request names."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import Client

from chassis.access import Principal
from chassis.settings import Settings, SettingsFaulty, read
from chassis.web.passes import COOKIE, Passes
from tests.builders import SECRET
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
    answer = client.post(PAGE, data={"do": "state"}, headers=headers)
    assert answer.status_code == (200 if is_taken else 403)
    assert len(letters.stated()) == (1 if is_taken else 0)
    if not is_taken:
        assert [row.rule for row in letters.audited()] == ["ForeignForm"]
        assert "This request came from another site" in answer.text
    assert client.get(PAGE, headers=headers).status_code == 200


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


def test_a_pass_runs_out_and_one_of_another_network_was_never_good(letters: Letters) -> None:
    who = Principal("account", "lead-1", None, frozenset({"network_lead"}))
    passes = letters["partners"].passes
    client = Client(letters.house)
    until = letters.clock.now().replace(hour=20)
    token = passes.mint(who, called=None, until=until)
    assert client.get(API, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    letters.clock.move_to(until)
    assert client.get(API, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    foreign = Passes("another secret, as long as it should be", accepted=True).mint(who, called=None, until=None)
    assert client.get(API, headers={"Authorization": f"Bearer {foreign}"}).status_code == 401


def test_an_odd_cookie_is_nobody(letters: Letters) -> None:
    client = Client(letters.house)
    client.set_cookie(COOKIE, "odd")
    assert client.get(PAGE).location == "/demo"
    assert client.get(f"{PAGE}/open").status_code == 200


def test_without_demo_mode_no_pass_is_accepted(tmp_path: Path) -> None:
    made = Letters(tmp_path, demo=False)
    who = Principal("account", "lead-1", None, frozenset({"network_lead"}))
    token = Passes(SECRET, accepted=True).mint(who, called=None, until=None)
    client = Client(made.house)
    answer = client.get(API, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    client.set_cookie(COOKIE, token)
    assert client.get(API).status_code == 401
    form = client.post(PAGE, data={"do": "state"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (form.status_code, form.mimetype) == (401, "text/html")
    assert client.get(PAGE).location == "/"
    assert made.stated() == []
    assert client.get("/ops/partners/health").status_code == 200
    made.close()


def test_a_demo_beside_real_sign_in_is_refused_at_the_start() -> None:
    given = {"BEENTHERE_DEMO": "yes", "BEENTHERE_OIDC_ISSUER": "https://sign-in.example", "BEENTHERE_PORT": "many"}
    with pytest.raises(SettingsFaulty) as refused:
        read(given)
    assert len(refused.value.faults) == 2
    assert "a demo never runs beside real sign-in" in str(refused.value)
    for alone in ("BEENTHERE_DEMO", "BEENTHERE_OIDC_ISSUER"):
        assert isinstance(read({alone: given[alone]}), Settings)
