"""People come in by a real OpenID provider: linked by an invitation, once, with roles of our own directory alone."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from chassis.tables import metadata as of_every_room
from chassis.web.passes import cookie_name
from services.partners.store.tables import begun, identities, metadata, sessions
from tests.parts.provider import ASHA, FEMI, ROSE, WE, WITH_A_PASSWORD_ALONE

pytestmark = pytest.mark.usefixtures("openid_provider")


def pass_of(browser: Any) -> dict[str, Any]:
    """The claims of the pass a browser keeps."""
    body = browser.cookies[cookie_name(is_secure=False)].split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=="))
    return claims


def test_whoever_was_invited_is_linked_once_and_comes_in_from_then_on(world_on_each: Any) -> None:
    world = world_on_each
    partner_id = world.partner()
    account_id = world.account(partner_id, "coordinator")
    invitation = world.invitation(partner_id, account_id)
    browser = world.browser()
    assert "Sign in with Northmoor" in browser.go(invitation).text
    answer = world.finish(world.begin(browser, f"{invitation}/provider"), ASHA)
    assert answer.url == f"{world.front.origin}/work"
    assert pass_of(browser)["sub"] == account_id
    assert world.is_in(browser)
    assert world.counts() == (1, 1, 0)
    # The invitation is used; the link stays.
    assert world.browser().go(f"{invitation}/provider").status_code == 404
    again = world.sign_in(ASHA)
    assert again.trail[-1] == f"{world.front.origin}/partners"
    assert pass_of(again)["sub"] == account_id


def test_the_provider_is_asked_with_what_a_careful_sign_in_needs_and_nothing_personal(world: Any) -> None:
    browser = world.begin(world.browser())
    address = next(one for one in browser.trail if "code_challenge" in one)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{world.front.origin}/sign-in/provider/answer"
    assert asked["scope"] == "openid profile email"
    assert {len(asked[name]) for name in ("state", "nonce", "code_challenge")} == {43}
    assert set(asked) == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method",
    }  # fmt: skip


def test_roles_come_from_our_own_directory_whatever_the_provider_says(world: Any) -> None:
    world.linked(ASHA, "peer")
    browser = world.sign_in(ASHA, "/sign-in/provider?to=/work")
    # The provider calls her a network lead.
    assert pass_of(browser)["rol"] == ["peer"]
    assert browser.go("/partners").status_code == 403


def test_nothing_that_is_kept_helps_to_end_a_sign_in_that_is_open_or_to_be_somebody(world_on_each: Any) -> None:
    world = world_on_each
    world.linked(ASHA)
    inside = world.sign_in(ASHA)
    half = world.begin(world.browser())
    back = world.say_who(half, FEMI)
    with world.room.reading() as unit:
        tables = [*metadata.sorted_tables, *of_every_room.sorted_tables]
        kept = " ".join(str(row) for table in tables for row in unit.connection.execute(sa.select(table)))
    query = parse_qs(urlsplit(next(one for one in half.trail if "nonce=" in one)).query)
    secrets = [*inside.cookies.values(), *half.cookies.values(), query["state"][0], query["nonce"][0]]
    secrets += [ASHA, FEMI, f"{ASHA}@example.org", parse_qs(urlsplit(back).query)["code"][0]]
    found = [one for one in secrets if len(one) > 1 and one in kept]
    assert found == []
    assert len(secrets) > 8
    # The control: what is kept of both is there, by its hash.
    assert len(world.rows(begun, "hash")) == 1
    assert len(world.rows(identities, "subject")) == 1


def test_somebody_we_do_not_know_is_told_what_to_do_and_nothing_is_made(world_on_each: Any) -> None:
    world = world_on_each
    before = {table.name: len(world.rows(table, *table.c.keys())) for table in metadata.sorted_tables}
    answer = world.finish(world.begin(world.browser()), FEMI)
    assert answer.status_code == 403
    assert "not linked to an account here yet" in answer.text
    assert f"{FEMI}@example.org" in answer.text
    assert world.refusals() == ["AccountUnknown"]
    assert {table.name: len(world.rows(table, *table.c.keys())) for table in metadata.sorted_tables} == before


def test_a_closed_account_lets_nobody_in_and_the_provider_does_not_bring_them_back(world_on_each: Any) -> None:
    world = world_on_each
    partner_id = world.partner()
    account_id = world.linked(ASHA, partner_id=partner_id)
    inside = world.sign_in(ASHA)
    world.close_account(partner_id, account_id)
    assert not world.is_in(inside)
    answer = inside.go("/sign-in/provider?to=/partners")
    assert answer.status_code == 403
    assert "Your account here is closed" in answer.text
    assert world.refusals() == ["AccountIsClosed"]
    world.close_account(partner_id, account_id, "no")
    assert inside.go("/sign-in/provider?to=/partners").url == f"{world.front.origin}/partners"


def test_one_human_being_at_the_provider_has_one_account(world: Any) -> None:
    partner_id = world.partner()
    world.linked(ASHA, partner_id=partner_id)
    other = world.account(partner_id, "peer", called="Another")
    invitation = world.invitation(partner_id, other)
    answer = world.finish(world.begin(world.browser(), f"{invitation}/provider"), ASHA)
    assert answer.status_code == 409
    assert "linked to another account here already" in answer.text
    # The invitation is still there for whom it was meant for.
    assert world.finish(world.begin(world.browser(), f"{invitation}/provider"), FEMI).url.endswith("/work")


def test_a_new_invitation_links_an_account_to_somebody_else_and_lets_go_of_the_first(world_on_each: Any) -> None:
    world = world_on_each
    partner_id = world.partner()
    account_id = world.linked(ASHA, partner_id=partner_id)
    first = world.sign_in(ASHA)
    world.finish(world.begin(world.browser(), world.invitation(partner_id, account_id) + "/provider"), FEMI)
    assert not world.is_in(first)
    assert world.finish(world.begin(world.browser()), ASHA).status_code == 403
    assert pass_of(world.sign_in(FEMI))["sub"] == account_id
    assert [row[0] for row in world.rows(identities, "account_id")] == [account_id]


def test_an_invitation_that_ran_out_while_somebody_was_away_links_nobody(world: Any) -> None:
    partner_id = world.partner()
    account_id = world.account(partner_id, "coordinator")
    invitation = world.invitation(partner_id, account_id)
    browser = world.begin(world.browser(), f"{invitation}/provider")
    # A newer one was sent meanwhile.
    world.invitation(partner_id, account_id)
    answer = world.finish(browser, ASHA)
    assert answer.status_code == 401
    assert "This invitation was used, or has run out" in answer.text
    assert world.rows(identities, "subject") == []


def test_each_sign_in_begins_a_session_anew_and_ends_the_one_before_it(world: Any) -> None:
    world.linked(ASHA)
    browser = world.sign_in(ASHA)
    before = browser.cookies["beenthere_session"]
    # The provider still knows her: no question, a new session.
    assert browser.go("/sign-in/provider?to=/partners").status_code == 200
    assert browser.cookies["beenthere_session"] != before
    living = [row for row in world.rows(sessions, "ended_at", "why_ended") if row[0] is None]
    assert len(living) == 2  # one of the link, one of this browser
    assert ("new_sign_in",) in world.rows(sessions, "why_ended")


@pytest.mark.parametrize(
    "to",
    [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere.example",
        "javascript:1",
        "",
        "/%0aSet-Cookie:x",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(world: Any, to: str) -> None:
    world.linked(ASHA)
    browser = world.begin(world.browser(), f"/sign-in/provider?to={to}")
    back = browser.go(world.say_who(browser, ASHA), "/work")
    assert back.headers["Location"] == "/work"


# ---- what the provider must vouch for, by configuration


def test_a_level_of_assurance_is_asked_for_and_must_come_back(world: Any) -> None:
    world.linked(ASHA)
    world.open_again(acr=("AAL2_ANY", "AAL3_ANY"), assurance={"authentication_assurance_level": 3})
    browser = world.begin(world.browser())
    asked = parse_qs(urlsplit(next(one for one in browser.trail if "acr_values" in one)).query)
    assert asked["acr_values"] == ["AAL2_ANY AAL3_ANY"]
    assert world.finish(browser, ASHA).url.endswith("/partners")


@pytest.mark.parametrize(
    ("who", "changes"),
    [
        (WITH_A_PASSWORD_ALONE, {"acr": ("AAL2_ANY", "AAL3_ANY")}),
        (WITH_A_PASSWORD_ALONE, {"assurance": {"authentication_assurance_level": 2}}),
        (ROSE, {"acr": ("AAL3_ANY",)}),
        (ROSE, {"assurance": {"authentication_assurance_level": 3}}),
        (ROSE, {"assurance": {"a_claim_that_is_never_sent": 0}}),
        (ROSE, {"assurance": {"name": 1}}),
    ],
)
def test_too_little_assurance_lets_nobody_in(world: Any, who: str, changes: dict[str, Any]) -> None:
    world.linked(who)
    assert world.finish(world.begin(world.browser()), who).status_code == 200
    world.open_again(**changes)
    answer = world.finish(world.begin(world.browser()), who)
    assert answer.status_code == 403
    assert "less proof of who you are" in answer.text
    assert world.refusals() == ["AssuranceTooLow"]


def test_the_claim_that_is_shown_is_a_matter_of_configuration(world: Any) -> None:
    world.open_again(email_claim="nhsid_useruid")
    answer = world.finish(world.begin(world.browser()), FEMI)
    assert "@example.org" not in answer.text
    assert f"signed you in as {FEMI}" in answer.text


# ---- passwords beside it


def test_staff_passwords_can_be_switched_off_and_an_administrators_cannot(world: Any) -> None:
    partner_id = world.partner()
    world.open_again(policy={"partners": {"staff_passwords": False}})
    staff, admin, peer = (
        world.invitation(partner_id, world.account(partner_id, role, called=role))
        for role in ("coordinator", "administrator", "peer")
    )
    pages = [world.browser().go(path).text for path in (staff, admin, peer)]
    assert [("New password" in text, "Sign in with Northmoor" in text) for text in pages] == [
        (False, True), (True, True), (True, True),
    ]  # fmt: skip
    password = {"password": "four quiet herons walking"}
    refused = world.browser().go(staff, form=password)
    assert refused.status_code == 403
    assert "Passwords are switched off for your role" in refused.text
    assert world.browser().go(admin, form=password).status_code == 200
    world.open_again(policy={})
    assert world.browser().go(staff, form=password).status_code == 200


def test_a_password_somebody_has_already_lets_staff_in_no_more_once_passwords_are_off(world: Any) -> None:
    partner_id, password = world.partner(), {"password": "four quiet herons walking"}
    for role in ("coordinator", "administrator", "peer"):
        account_id = world.account(partner_id, role, called=role, email=f"{role}@example.org")
        world.browser().go(world.invitation(partner_id, account_id), form=password)

    def answers() -> list[tuple[int, bool]]:
        said = [
            world.browser().go("/sign-in", form={**password, "email": f"{role}@example.org", "to": "/partners"})
            for role in ("coordinator", "administrator", "peer")
        ]
        return [(answer.status_code, "Passwords are switched off" in answer.text) for answer in said]

    # The peer is in, and may not see partners; the others are asked to set up a code.
    assert answers() == [(200, False), (200, False), (403, False)]
    world.open_again(policy={"partners": {"staff_passwords": False}})
    assert answers() == [(403, True), (200, False), (403, False)]
    wrong = world.browser().go("/sign-in", form={"email": "coordinator@example.org", "password": "not this one at all"})
    assert (wrong.status_code, "Passwords are switched off" in wrong.text) == (401, False)


# ---- leaving


def test_signing_out_here_ends_our_session_and_offers_to_sign_out_there_too(world: Any) -> None:
    world.linked(ASHA)
    browser = world.sign_in(ASHA)
    answer = browser.go("/sign-out", form={})
    assert answer.url == f"{world.front.origin}/sign-in/out"
    assert f'href="{world.provider.issuer}/session/end?client_id={WE}"' in answer.text
    assert not world.is_in(browser)
    ours = [one for one in browser.trail if one.startswith(world.front.origin)]
    assert len(ours) >= 4
    assert [one for one in ours if ASHA in one] == []


def test_without_a_provider_there_are_no_such_doors(room: Any) -> None:
    nobody = room.house.as_nobody()
    paths = ("/sign-in/provider", "/sign-in/provider/answer", "/sign-in/out", "/sign-in/invitation/x/provider")
    assert [nobody.page(path).status_code for path in paths] == [404] * len(paths)
    assert nobody.form("/sign-in/provider/logout").status_code == 404


def test_what_was_begun_and_never_ended_is_let_go_after_ten_minutes(world_on_each: Any) -> None:
    world = world_on_each
    world.begin(world.browser())
    world.clock.ahead = timedelta(minutes=9)
    world.house.house.tick()
    assert world.counts()[2] == 1
    world.clock.ahead = timedelta(minutes=11)
    world.house.house.tick()
    assert world.counts()[2] == 0
