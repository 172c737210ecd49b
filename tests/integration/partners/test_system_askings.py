"""Systems and their keys take two people; an API key is made for whoever asked, once, and taking away takes one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from chassis.tables import answers, audit, facts, second_askings
from contracts import confirmations
from services.partners.domain import askings as rules
from services.partners.store.tables import api_keys, system_keys, systems
from tests.builders import Caller
from tests.integration.partners.signing import OTHERS, PAIRS, Systems, public, said, systems_in

NEXT = {"jwks": {"keys": [public(OTHERS["Ed25519"], "k2")]}, "words": "The supplier moves house."}
# RFC 8037, appendix A.3: an Ed25519 key and what RFC 7638 makes of it.
KNOWN = {"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
KNOWN_PRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.fixture(params=["sqlite", "postgres"])
def on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Systems]:
    changes = {}
    if request.param == "postgres":
        databases = request.getfixturevalue("postgres")
        changes = {"database_url": databases.of("partners"), "keys_url": databases.empty()}
    made = systems_in(tmp_path, **changes)
    yield made
    made.house.close()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Systems]:
    made = systems_in(tmp_path)
    yield made
    made.house.close()


def count(room: Systems, table: sa.Table) -> int:
    with room.house["partners"].reading() as unit:
        return int(unit.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def told(room: Systems, kind: str) -> list[dict[str, Any]]:
    with room.house["partners"].reading() as unit:
        query = sa.select(facts.c.body).where(facts.c.type == f"confirmation.{kind}.v1").order_by(facts.c.stated_at)
        return [json.loads(body) for body in unit.connection.execute(query).scalars()]


def ask_key(room: Systems, system_id: str, key: str = "another key", by: Caller | None = None) -> TestResponse:
    return (by or room.lead).api("POST", f"{room.at}/{system_id}/api-keys", {"days": 30}, Idempotency_Key=key)


def ask_next(room: Systems, system_id: str, key: str = "the next key") -> TestResponse:
    return room.lead.api("POST", f"{room.at}/{system_id}/keys", NEXT, Idempotency_Key=key)


# ---- registering


def test_a_system_is_there_when_a_second_person_confirms_it_and_not_before(on_each: Systems) -> None:
    room, key_set = on_each, {"keys": [public(PAIRS["Ed25519"])]}
    asked = room.asked(room.register("signing_keys", jwks=key_set, networks=["192.0.2.0/24"]))
    assert (asked["what"], asked["account_id"], asked["roles"]) == ("register_system", None, [])
    assert {name: asked["system"][name] for name in ("name", "way", "networks", "days")} == {
        "name": "Ward software", "way": "signing_keys", "networks": ["192.0.2.0/24"], "days": None,
    }  # fmt: skip
    assert room.lead.api("GET", room.at).get_json() == []
    statement = room.sign("Ed25519", room.claims(asked["system_id"]))
    assert said(room.send(statement, "192.0.2.1"))[0] == 401
    assert room.settle(asked, by=room.lead).get_json()["rule"] == "OwnAsking"
    confirmed = room.settle(asked)
    assert (confirmed.status_code, confirmed.get_json()["state"]) == (201, "confirmed")
    assert room.settle(asked).get_json() == confirmed.get_json()
    (system,) = room.lead.api("GET", room.at).get_json()
    assert (system["system_id"], [one["key"] for one in system["keys"]]) == (asked["system_id"], ["k1"])
    assert room.send(room.sign("Ed25519", room.claims(asked["system_id"])), "192.0.2.1").status_code == 200
    # Whoever asked has it added, whoever confirmed is on record beside.
    with room.house["partners"].reading() as unit:
        assert unit.connection.execute(sa.select(systems.c.registered_by)).scalar_one() == room.lead.who.id
        query = sa.select(audit.c.action, audit.c.who_id).where(audit.c.subject == asked["system_id"])
        found = {(row.action, row.who_id) for row in unit.connection.execute(query)}
    assert {("asking.ask", room.lead.who.id), ("asking.confirm", room.network.who.id)} <= found


@pytest.mark.parametrize("role", ["network_lead", "administrator", "partner_lead"])
def test_each_of_three_roles_is_a_second_person(room: Systems, role: str) -> None:
    asked = room.asked(room.register())
    second = room.house.as_(role, partner_id=room.partner_id)
    assert room.settle(asked, by=second).status_code == 201
    assert [fact["ending"] for fact in told(room, "settled")] == ["confirmed"]


def test_nobody_else_settles_it_and_another_partners_lead_does_not_find_it(room: Systems) -> None:
    asked = room.asked(room.register())
    stranger = room.house.as_("partner_lead", partner_id=room.house.ids.new())
    for how in ("confirmation", "refusal"):
        assert room.settle(asked, how, by=stranger).status_code == 404
        for role in ("coordinator", "referrer", "privacy_officer", "peer"):
            other = room.house.as_(role, partner_id=room.partner_id)
            assert room.settle(asked, how, by=other).status_code == 403, role
    assert (count(room, systems), told(room, "settled")) == (0, [])


def test_what_is_refused_or_not_settled_in_seven_days_leaves_no_system_and_no_key(on_each: Systems) -> None:
    room = on_each
    refused, late = room.asked(room.register()), room.asked(room.register())
    assert room.settle(refused, "refusal").status_code == 204
    room.clock.advance(days=7)
    assert room.settle(late).get_json()["rule"] == "AskingRanOut"
    room.house.house.tick()
    for asked in (refused, late):
        assert room.fetch(asked).get_json()["rule"] == "NotConfirmed"
    assert [count(room, table) for table in (systems, api_keys, system_keys)] == [0, 0, 0]
    assert sorted(fact["ending"] for fact in told(room, "settled")) == ["ran_out", "refused"]


def test_what_may_not_be_registered_is_refused_when_it_is_asked_and_again_when_it_is_confirmed(room: Systems) -> None:
    asked, at = room.asked(room.register()), f"/api/v1/partners/{room.partner_id}/suspension"
    room.network.api("POST", at)
    assert room.register(by=room.network).get_json()["rule"] == "PartnerSuspended"
    # The asking waits on, and may still be confirmed once the partner is resumed.
    assert room.settle(asked).get_json()["rule"] == "PartnerSuspended"
    room.network.api("DELETE", at)
    assert room.settle(asked).status_code == 201


# ---- public keys


def test_public_keys_wait_in_the_asking_and_are_good_when_it_is_confirmed(on_each: Systems) -> None:
    room = on_each
    me = room.signing("Ed25519")
    sign = lambda: room.sign("Ed25519", room.claims(me), OTHERS["Ed25519"], kid="k2")  # noqa: E731
    asked = room.asked(ask_next(room, me))
    assert (asked["words"], [one["key"] for one in asked["system"]["keys"]]) == (NEXT["words"], ["k2"])
    assert room.send(sign()).status_code == 401
    assert ask_next(room, me, "the same again").get_json()["rule"] == "AlreadyAsked"
    assert room.settle(asked, by=room.lead).get_json()["rule"] == "OwnAsking"
    assert room.settle(asked).status_code == 201
    assert room.send(sign()).status_code == 200


def test_two_people_compare_a_key_by_its_thumbprint(room: Systems) -> None:
    asked = room.lead.form(f"/partners/{room.partner_id}/systems/new", {
        "name": "Desk <b>", "purpose": "Sends people", "way": "signing_keys", "jwks": json.dumps({"keys": [KNOWN]}),
        "words": "The supplier asked for it.",
    })  # fmt: skip
    shown = room.network.page(asked.location).text
    for words in (KNOWN_PRINT, "Desk &lt;b&gt;", "The supplier asked for it.", "Confirm this"):
        assert words in shown
    assert "API key" not in shown
    assert "Desk &lt;b&gt;" in room.network.page("/partners/askings").text
    line = rf'href="{asked.location}"[^>]*>\s*Register a system'
    assert re.search(line, room.network.page(f"/partners/{room.partner_id}").text)
    system = room.network.form(f"{asked.location}/confirmation").location
    typed = {"jwks": json.dumps(NEXT["jwks"]), "words": "Moving."}
    next_one = room.lead.form(f"{system}/keys", typed)
    assert next_one.status_code == 303
    assert "Another person confirms or refuses this." in room.lead.page(next_one.location).text
    again = room.lead.form(f"{system}/keys", typed)
    assert (again.status_code, "Somebody has already asked for this." in again.text) == (409, True)
    assert room.network.form(f"{next_one.location}/confirmation").location == system
    assert "k2" in room.lead.page(system).text


def test_what_changed_while_a_key_waited_is_asked_about_again(room: Systems) -> None:
    me = room.signing("Ed25519")
    asked = room.asked(ask_next(room, me))
    assert room.lead.api("POST", f"{room.at}/{me}/closure").status_code == 204
    assert room.settle(asked).get_json()["rule"] == "SystemClosed"
    assert room.lead.api("DELETE", f"{room.at}/{me}/closure").status_code == 204
    assert room.settle(asked).status_code == 201
    assert count(room, system_keys) == 2


# ---- API keys


def test_an_api_key_is_made_for_whoever_asked_and_for_nobody_else(on_each: Systems) -> None:
    room = on_each
    system_id = room.registered()["system_id"]
    asked = room.asked(ask_key(room, system_id))
    # Nothing secret waits: there is no key yet, by any name.
    assert count(room, api_keys) == 1
    assert room.fetch(asked).get_json()["rule"] == "NotConfirmed"
    assert "api_key" not in room.settle(asked).get_json()
    assert count(room, api_keys) == 1
    for other in (room.network, room.house.as_("partner_lead", partner_id=room.partner_id)):
        assert room.fetch(asked, by=other).get_json()["rule"] == "KeyOfAnother"
    stranger = room.house.as_("partner_lead", partner_id=room.house.ids.new())
    assert room.fetch(asked, by=stranger).status_code == 404
    assert room.fetch(asked, by=room.house.as_("administrator")).status_code == 403
    key = room.fetch(asked).get_json()["api_key"]
    assert room.send_key(key).status_code == 200
    assert room.fetch(asked).get_json()["rule"] == "KeyFetched"
    assert count(room, api_keys) == 2


def test_a_confirmed_key_is_fetched_within_seven_days_and_lasts_from_then(room: Systems) -> None:
    system_id = room.registered()["system_id"]
    asked = room.asked(ask_key(room, system_id))
    room.clock.advance(days=6)
    room.settle(asked)
    room.clock.advance(days=6)
    keys = room.fetch(asked).get_json()["keys"]
    # 30 days from 14 March, when it was fetched.
    assert keys[1]["ends_at"].startswith("2026-04-13")
    assert room.lead.api("POST", f"{room.at}/{system_id}/revocations", {"key": keys[1]["key"]}).status_code == 204
    late = room.asked(ask_key(room, system_id, "too late"))
    room.settle(late)
    room.clock.advance(days=7)
    assert room.fetch(late).get_json()["rule"] == "NotConfirmed"
    assert "API keys you can fetch" not in room.lead.page(f"/partners/{room.partner_id}/systems").text


def test_a_system_has_two_keys_at_most_however_many_were_confirmed(room: Systems) -> None:
    system_id = room.registered()["system_id"]
    confirmed = []
    for key in ("the second key", "the third key"):
        confirmed.append(room.asked(ask_key(room, system_id, key)))
        assert room.settle(confirmed[-1]).status_code == 201
    assert room.fetch(confirmed[0]).status_code == 201
    assert room.fetch(confirmed[1]).get_json()["rule"] == "TooManyKeys"
    # Nothing was used up: with room for it, it is fetched.
    name = room.lead.api("GET", f"{room.at}/{system_id}").get_json()["keys"][0]["key"]
    room.lead.api("POST", f"{room.at}/{system_id}/revocations", {"key": name})
    assert room.fetch(confirmed[1]).status_code == 201


def test_an_asking_that_gives_no_api_key_has_none_to_fetch(room: Systems) -> None:
    asked = room.asked(ask_next(room, room.signing("Ed25519")))
    room.settle(asked)
    assert room.fetch(asked).status_code == 404


def test_no_secret_stands_in_what_is_kept_of_an_asking(room: Systems) -> None:
    system_id = room.registered()["system_id"]
    asked = room.asked(ask_key(room, system_id))
    room.settle(asked)
    secret = room.fetch(asked).get_json()["api_key"].split("_", 2)[2]
    with room.house["partners"].reading() as unit:
        tables = (second_askings, answers, audit, facts, api_keys)
        cells = [str(row) for table in tables for row in unit.connection.execute(sa.select(table))]
    assert len(cells) > 10
    assert any(asked["asking_id"] in cell for cell in cells)
    assert not any(secret in cell for cell in cells)


# ---- told


def test_it_is_told_by_ids_and_codes_with_the_partner_whose_leads_may_settle_it(room: Systems) -> None:
    room.register()
    account = {"called": "Ben", "roles": ["coordinator"]}
    at = f"/api/v1/partners/{room.partner_id}/accounts"
    room.network.api("POST", at, account, Idempotency_Key="beyond a lead")
    room.network.api("POST", at, {**account, "roles": ["peer"]}, Idempotency_Key="a lead's own")
    found = told(room, "asked")
    assert {frozenset(fact) for fact in found} == {
        frozenset({"asking_id", "kind", "partner_id", "asked_at", "ends_at"})
    }
    assert sorted((fact["kind"], fact["partner_id"] == room.partner_id) for fact in found) == [
        ("open_account", False), ("open_account", True), ("register_system", True),
    ]  # fmt: skip


def test_what_ran_out_unseen_is_told_when_the_same_is_asked_again(room: Systems) -> None:
    me = room.signing("Ed25519")
    before = len(told(room, "settled"))
    first = room.asked(ask_next(room, me))
    room.clock.advance(days=7)
    again = room.asked(ask_next(room, me, "asked again"))
    assert [(fact["asking_id"], fact["ending"]) for fact in told(room, "settled")][before:] == [
        (first["asking_id"], "ran_out")
    ]
    assert room.settle(again).status_code == 201


def test_the_kinds_of_this_room_are_those_that_travel() -> None:
    assert rules.KINDS == confirmations.AT_PARTNERS


def test_what_takes_away_is_one_persons_and_at_once(room: Systems) -> None:
    made = room.registered()
    at, before = f"{room.at}/{made['system_id']}", len(told(room, "asked"))
    assert room.lead.api("PUT", f"{at}/networks", {"networks": ["192.0.2.0/24"]}).status_code == 204
    assert said(room.send_key(made["api_key"], "198.51.100.1"))[0] == 401
    assert room.lead.api("POST", f"{at}/revocations", {"key": made["keys"][0]["key"]}).status_code == 204
    assert room.lead.api("POST", f"{at}/closure").status_code == 204
    assert len(told(room, "asked")) == before
