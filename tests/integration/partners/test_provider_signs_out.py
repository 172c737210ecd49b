"""What the provider ends ends here: session and pass, in every room; what only looks like its word ends nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from services.partners.store.tables import sessions
from tests.parts.provider import ASHA, FEMI

pytestmark = pytest.mark.usefixtures("openid_provider")
LOGOUT = "/sign-in/provider/logout"


def sign_out_there(world: Any, browser: Any) -> None:
    """Signs out on the provider's own page, and waits until it has told us."""
    before = len(world.provider.said())
    page = browser.go(f"{world.provider.issuer}/session/end")
    secret = page.text.split('name="xsrf" value="')[1].split('"')[0]
    browser.go(f"{world.provider.issuer}/session/end/confirm", form={"xsrf": secret, "logout": "yes"})
    ends = time.monotonic() + 20
    while not any("event" in line for line in world.provider.said()[before:]):
        assert time.monotonic() < ends, "the provider told nobody"
        time.sleep(0.01)
    assert world.provider.said()[-1]["event"] == "told of a sign-out"


def test_signing_out_at_the_provider_ends_session_and_pass_and_nobody_elses(world_on_each: Any) -> None:
    world = world_on_each
    world.linked(ASHA, called="Asha")
    world.linked(FEMI, "coordinator", called="Femi")
    asha, femi = world.sign_in(ASHA), world.sign_in(FEMI)
    the_pass = {"Cookie": f"beenthere_pass={asha.cookies['beenthere_pass']}", "Accept": "application/json"}
    there = f"{world.front.origin}/partners"
    assert requests.get(there, headers=the_pass, timeout=20).status_code == 200
    began = time.monotonic()
    sign_out_there(world, asha)
    took = time.monotonic() - began
    assert requests.get(there, headers=the_pass, timeout=20).status_code == 401
    assert not world.is_in(asha)
    assert world.is_in(femi)
    assert ("provider",) in world.rows(sessions, "why_ended")
    assert took < 5, f"it took {took:.1f} s"


def test_of_two_browsers_of_one_human_being_one_goes_and_the_other_stays(world: Any) -> None:
    world.linked(ASHA)
    one, other = world.sign_in(ASHA), world.sign_in(ASHA)

    def answers(browser: Any) -> int:
        the_pass = {"Cookie": f"beenthere_pass={browser.cookies['beenthere_pass']}", "Accept": "application/json"}
        return requests.get(f"{world.front.origin}/partners", headers=the_pass, timeout=20).status_code

    assert (answers(one), answers(other)) == (200, 200)
    sign_out_there(world, one)
    # In this order: what is known of the one that went must not be taken for the one that stays.
    assert (answers(one), answers(other), answers(one)) == (401, 200, 401)


def test_every_room_is_told_which_session_ended(world: Any) -> None:
    world.linked(ASHA)
    browser = world.sign_in(ASHA)
    signaller = world.room.app.extensions["signaller"]
    signaller.step(beats=False)
    sign_out_there(world, browser)
    unsaid = [row for row in world.rows(sessions, "why_ended", "signalled_at") if row[1] is None and row[0]]
    assert unsaid == [("provider", None)]
    signaller.step(beats=False)
    assert [row for row in world.rows(sessions, "why_ended", "signalled_at") if row[1] is None and row[0]] == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"logout_token=", "application/x-www-form-urlencoded"),
        (b"logout_token=a.b.c", "application/x-www-form-urlencoded"),
        (b"logout_token=" + b"." * 9, "application/x-www-form-urlencoded"),
        (b"logout_token=" + b"a" * 20_000, "application/x-www-form-urlencoded"),
        (b"logout_token=%00%ff", "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_token_at_all_is_answered_400_and_kept_nowhere(world: Any, body: bytes, kind: str) -> None:
    answer = requests.post(f"{world.front.origin}{LOGOUT}", data=body, headers={"Content-Type": kind}, timeout=20)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert world.refusals() == ["AnswerRefused.token"] or world.refusals() == ["AnswerRefused.signature"]


@pytest.mark.parametrize(
    ("body", "kind"), [(b'{"logout_token": "a.b.c"}', "application/json"), (b"\xff\xfe", "text/plain")]
)
def test_what_is_no_form_is_not_read_as_one(world: Any, body: bytes, kind: str) -> None:
    answer = requests.post(f"{world.front.origin}{LOGOUT}", data=body, headers={"Content-Type": kind}, timeout=20)
    assert answer.status_code == 415
    assert answer.headers["Cache-Control"] == "no-store"
