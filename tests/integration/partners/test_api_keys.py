"""API keys of small partners: shown once, kept as a hash, running out, bound to addresses, revoked at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.entry import SessionEnded
from services.partners.store import metadata
from tests.integration.partners.signing import ORIGIN, Systems, said, systems_in

REFUSED = (401, "invalid_client", "The key is not known, is no longer good, or may not be used from here")


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Systems]:
    """The partners and the referrals room on either database."""
    changes = {}
    if request.param == "postgres":
        databases = request.getfixturevalue("postgres")
        changes = {"database_url": databases.of("partners", "referrals"), "keys_url": databases.empty()}
    made = systems_in(tmp_path, "referrals", **changes)
    carry(made)
    yield made
    made.house.close()


def carry(room: Systems) -> None:
    """Carries what the partners room stated; on PostgreSQL its relay is rung by the database and not by the house."""
    room.house["partners"].relay.sweep()
    room.house.quiet()


def in_referrals(room: Systems, token: str) -> int:
    """What the referrals room answers to whoever has this pass."""
    from werkzeug.test import Client

    carry(room)
    answer = Client(room.house.house).get("/api/v1/referrals", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


def is_held_by_partners(room: Systems, token: str) -> bool:
    """Whether the partners room, which hears no fact of its own, holds whoever has this pass back."""
    entry = room.house["partners"].entry
    entry.forget_held()
    try:
        entry.read(token)
    except SessionEnded:
        return True
    return False


def test_a_key_is_given_once_and_signs_its_system_in(room: Systems) -> None:
    body = {"name": "Desk", "purpose": "Sends people", "way": "api_key"}
    first, again = (room.lead.api("POST", room.at, body, Idempotency_Key="the same request") for _ in range(2))
    assert first.get_json() == again.get_json()
    asked = room.asked(first)
    assert room.settle(asked).status_code == 201
    fetched = room.fetch(asked)
    key = fetched.get_json()["api_key"]
    assert (fetched.status_code, key[:3]) == (201, "bt_")
    again = room.fetch(asked)
    assert (again.status_code, again.get_json()["rule"]) == (409, "KeyFetched")
    assert "bt_" not in again.text
    answer = room.send_key(key)
    assert (answer.status_code, answer.get_json()["expires_in"]) == (200, 600)
    assert in_referrals(room, answer.get_json()["access_token"]) == 200
    assert room.send_key(key, client_id=first.get_json()["system_id"]).status_code == 200
    assert said(room.send_key(key, client_id="another"))[0] == 400
    shown = room.lead.api("GET", f"{room.at}/{first.get_json()['system_id']}")
    assert key not in shown.text
    assert [(one["key"], one["used_on"]) for one in shown.get_json()["keys"]] == [(key.split("_")[1], "2026-03-02")]


def test_a_key_that_is_not_right_is_refused_with_one_answer_for_all(room: Systems) -> None:
    key = room.registered()["api_key"]
    other = room.registered()["api_key"]
    _, prefix, secret = key.split("_", 2)
    wrong = [
        f"bt_{prefix}_{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}", f"bt_{prefix}_{other.split('_', 2)[2]}",
        f"bt_aaaaaaaaaa_{secret}", f"bt_{prefix}_", f"bt_{prefix}", secret, prefix, key + "x", " " + key, key.upper(),
        "x" * 5000, "bt_' or 1=1 --_x",
    ]  # fmt: skip
    assert [said(room.send_key(one)) for one in wrong] == [REFUSED] * len(wrong)
    assert room.send_key(key).status_code == 200


def test_a_key_runs_out_on_its_day_and_its_last_pass_with_it(room: Systems) -> None:
    key = room.registered(days=1)["api_key"]
    room.clock.advance(hours=23, minutes=55)
    answer = room.send_key(key)
    assert answer.get_json()["expires_in"] == 300
    room.clock.advance(minutes=6)
    assert said(room.send_key(key)) == REFUSED
    assert in_referrals(room, answer.get_json()["access_token"]) == 401


def test_a_key_lasts_half_a_year_and_a_year_at_most(room: Systems) -> None:
    ends = room.registered()["keys"][0]["ends_at"]
    assert ends.startswith("2026-08-29")
    assert room.registered(days=365)["keys"][0]["ends_at"].startswith("2027-03-02")
    refused = room.register(days=366)
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "DaysRefused")


def test_a_revoked_key_opens_nothing_and_its_passes_neither_in_any_room(room: Systems) -> None:
    made = room.registered()
    at, key = f"{room.at}/{made['system_id']}", made["api_key"]
    second = room.next_key(made["system_id"])
    tokens = [room.send_key(one).get_json()["access_token"] for one in (key, second)]
    assert [in_referrals(room, token) for token in tokens] == [200, 200]
    assert [is_held_by_partners(room, token) for token in tokens] == [False, False]
    assert room.lead.api("POST", f"{at}/revocations", {"key": key.split("_")[1]}).status_code == 204
    assert said(room.send_key(key)) == REFUSED
    assert [in_referrals(room, token) for token in tokens] == [401, 401]
    assert [is_held_by_partners(room, token) for token in tokens] == [True, True]
    # The other key works on, and gets a pass that is good.
    assert in_referrals(room, room.send_key(second).get_json()["access_token"]) == 200
    assert room.lead.api("POST", f"{at}/revocations", {"key": key.split("_")[1]}).status_code == 404
    assert room.next_key(made["system_id"])
    refused = room.lead.api("POST", f"{at}/api-keys", {}, Idempotency_Key="a fourth key")
    assert (refused.status_code, refused.get_json()["rule"]) == (409, "TooManyKeys")


def test_a_closed_system_opens_nothing_in_any_room_until_it_is_opened_again(room: Systems) -> None:
    made = room.registered()
    at, key = f"{room.at}/{made['system_id']}/closure", made["api_key"]
    token = room.send_key(key).get_json()["access_token"]
    assert in_referrals(room, token) == 200
    assert room.lead.api("POST", at).status_code == 204
    assert said(room.send_key(key)) == REFUSED
    assert in_referrals(room, token) == 401
    assert is_held_by_partners(room, token)
    assert room.lead.api("DELETE", at).status_code == 204
    assert in_referrals(room, room.send_key(key).get_json()["access_token"]) == 200


def test_a_suspended_partners_key_gives_no_pass_and_one_whose_agreement_ended_neither(room: Systems) -> None:
    key = room.registered(days=365)["api_key"]
    at = f"/api/v1/partners/{room.partner_id}/suspension"
    room.network.api("POST", at)
    assert said(room.send_key(key)) == REFUSED
    room.network.api("DELETE", at)
    assert room.send_key(key).status_code == 200
    room.clock.advance(days=364)
    assert said(room.send_key(key)) == REFUSED


@pytest.mark.parametrize(
    ("networks", "taken", "refused"),
    [
        (["192.0.2.0/24"], ["192.0.2.1", "192.0.2.255", "::ffff:192.0.2.9"], ["192.0.3.1", "2001:db8::1", ""]),
        (["192.0.2.7"], ["192.0.2.7"], ["192.0.2.8", "::ffff:192.0.2.8"]),
        (["2001:db8:1::/48"], ["2001:db8:1::7", "2001:DB8:1:0:0:0:0:7"], ["2001:db8:2::7", "192.0.2.1", "no address"]),
        (["192.0.2.7", "2001:db8::1"], ["192.0.2.7", "2001:db8::1"], ["192.0.2.6", "2001:db8::2"]),
    ],
)
def test_a_key_is_good_from_the_addresses_listed_alone(
    room: Systems, networks: list[str], taken: list[str], refused: list[str]
) -> None:
    key = room.registered(networks=networks)["api_key"]
    answers = [room.post({"grant_type": "client_credentials", "client_secret": key}, at) for at in taken]
    assert [answer.status_code for answer in answers] == [200] * len(taken)
    assert [said(room.send_key(key, at or "-")) for at in refused] == [REFUSED] * len(refused)


@pytest.mark.parametrize(
    "networks", [["nonsense"], ["192.0.2.1/24"], ["0.0.0.0/0"], ["::/0"], ["192.0.2.0/33"], ["10.0.0.1"] * 21]
)
def test_a_list_that_is_none_is_refused(room: Systems, networks: list[str]) -> None:
    refused = room.register(networks=networks)
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "NetworksRefused")
    assert refused.get_json()["errors"][0]["field"] == "networks"


@pytest.mark.parametrize(("server", "is_believed"), [("gunicorn", True), ("waitress", False)])
def test_where_a_request_came_from_is_said_by_our_proxy_and_by_nobody_else(
    tmp_path: Path, server: str, *, is_believed: bool
) -> None:
    room = systems_in(tmp_path, server=server)
    key = room.registered(networks=["192.0.2.0/24"])["api_key"]
    form = {"grant_type": "client_credentials", "client_secret": key}
    by_proxy = room.post(form, "10.0.0.1", headers={"X-Forwarded-For": "192.0.2.7"})
    # The proxy puts its own word last; what a caller wrote before it says nothing.
    by_caller = room.post(form, "192.0.2.7", headers={"X-Forwarded-For": "192.0.2.7, 10.0.0.1"})
    room.house.close()
    assert (by_proxy.status_code == 200) is is_believed
    assert (by_caller.status_code == 200) is not is_believed


def test_whoever_has_the_whole_database_cannot_sign_in(room: Systems) -> None:
    made = room.registered()
    key = made["api_key"]
    prefix, secret = key.split("_", 2)[1:]
    with room.house["partners"].reading() as unit:
        rows = [row for table in metadata.sorted_tables for row in unit.connection.execute(sa.select(table))]
    cells = {str(cell) for row in rows for cell in row if cell is not None}
    assert len(cells) >= 10
    assert prefix in cells
    assert not any(secret in cell for cell in cells)
    tried = [one for cell in sorted(cells) for one in (cell, f"bt_{prefix}_{cell}", f"bt_{prefix}_{cell[:43]}")]
    assert {said(room.send_key(one)) for one in tried} == {REFUSED}
    assert room.send_key(key).status_code == 200


def test_another_partners_lead_finds_no_system_here(room: Systems) -> None:
    made = room.registered()
    stranger = room.house.as_("partner_lead", partner_id=room.house.ids.new())
    at = f"{room.at}/{made['system_id']}"
    doors: list[tuple[str, str, Any]] = [
        ("GET", room.at, None), ("GET", at, None), ("POST", f"{at}/api-keys", {}), ("POST", f"{at}/closure", None),
        ("POST", f"{at}/revocations", {"key": made["keys"][0]["key"]}), ("PUT", f"{at}/networks", {"networks": []}),
        ("DELETE", f"{at}/closure", None), ("POST", room.at, {"name": "x", "purpose": "y", "way": "api_key"}),
    ]  # fmt: skip
    answers = {
        (method, path): stranger.api(method, path, body, Idempotency_Key="of a stranger")
        for method, path, body in doors
    }
    assert {answer.status_code for answer in answers.values()} == {404}
    nowhere = stranger.api("GET", f"{room.at}/{room.house.ids.new()}")
    assert nowhere.get_json()["detail"] == answers["GET", at].get_json()["detail"]
    assert room.lead.api("GET", at).get_json()["state"] == "active"
    for role in ("referrer", "coordinator", "peer"):
        assert room.house.as_(role, partner_id=room.partner_id).api("GET", room.at).status_code == 403


def test_the_pages_show_a_key_once_and_its_prefix_afterwards(room: Systems) -> None:
    at = f"/partners/{room.partner_id}/systems"
    form = {
        "name": "Desk <b>",
        "purpose": "Sends people",
        "way": "api_key",
        "networks": "192.0.2.0/24\r\n2001:db8::/32",
    }
    asked, again = (room.lead.form(f"{at}/new", {**form, "key": "one and the same form"}) for _ in range(2))
    assert (asked.status_code, again.location) == (303, asked.location)
    assert "Show the API key" not in room.lead.page(asked.location).text
    assert asked.location in room.lead.page(at).text
    confirmed = room.network.form(f"{asked.location}/confirmation")
    assert "API keys you can fetch" in room.lead.page(at).text
    assert "API keys you can fetch" not in room.network.page(at).text
    assert "Show the API key" in room.lead.page(asked.location).text
    assert "Show the API key" not in room.network.page(asked.location).text
    shown = room.lead.form(f"{asked.location}/api-key")
    assert shown.headers["Cache-Control"] == "no-store"
    key = next(word for word in shown.text.replace("<", " ").replace(">", " ").split() if word.startswith("bt_"))
    assert room.lead.form(f"{asked.location}/api-key").status_code == 409
    at_system = confirmed.location
    text = room.lead.page(at_system).text
    assert key not in text
    assert key.split("_")[1] in text
    assert "Never" in text
    assert "Desk &lt;b&gt;" in text
    assert f"{ORIGIN}/oauth/token" in text
    assert room.send_key(key, "192.0.2.1").status_code == 200
    used = room.lead.page(at_system).text
    assert "Never" not in used
    assert date(2026, 3, 2).strftime("%B %Y") in used
    assert room.lead.form(f"{at_system}/closure", {"close": "yes"}).status_code == 303
    assert said(room.send_key(key, "192.0.2.1")) == REFUSED
    assert "Open this system" in room.lead.page(at_system).text
    assert room.lead.form(f"{at_system}/networks", {"networks": "nonsense"}).status_code == 422
