"""An answer that is not of this provider, for this browser and this sign-in lets nobody in, for its own reason."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
from joserfc.jwk import RSAKey

from services.partners.store.tables import sessions
from tests.parts.provider import ASHA, FEMI

pytestmark = pytest.mark.usefixtures("openid_provider")
PATH = "/sign-in/provider?to=/partners"


def changed(address: str, **changes: str | None) -> str:
    """An address with other values in its query; None takes one out."""
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    kept = {name: text for name, text in {**query, **changes}.items() if text is not None}
    return urlunsplit(parts._replace(query=urlencode(kept)))


def refused(world: Any, browser: Any, address: str, rule: str, status: int = 403) -> None:
    """Opens an answer and sees it refused, by this rule, with nobody in and nothing begun left to try again."""
    living = len(world.rows(sessions, "hash"))
    answer = browser.go(address)
    assert (answer.status_code, world.refusals()[-1:]) == (status, [rule])
    assert "Go back to sign in" in answer.text
    assert len(world.rows(sessions, "hash")) == living
    assert not world.is_in(browser)


def off_with(world: Any, change: Callable[[str], str]) -> Any:
    """A browser at the provider's page, after somebody changed what it asked the provider."""
    browser = world.browser()
    to = browser.go(PATH, "/auth?").headers["Location"]
    assert browser.go(change(to)).text == "who are you? login"
    return browser


@pytest.fixture
def asha_is_linked(world: Any) -> Any:
    """The world, with somebody in it who may come in."""
    world.linked(ASHA)
    return world


def test_the_control_an_answer_that_nobody_changed_lets_her_in(asha_is_linked: Any) -> None:
    world = asha_is_linked
    browser = off_with(world, lambda address: address)
    assert browser.go(world.say_who(browser, ASHA)).url.endswith("/partners")
    assert world.is_in(browser)


def test_an_identity_for_another_nonce_is_refused(asha_is_linked: Any) -> None:
    browser = off_with(asha_is_linked, lambda address: changed(address, nonce="of-another-sign-in"))
    refused(asha_is_linked, browser, asha_is_linked.say_who(browser, ASHA), "AnswerRefused.nonce")


def test_an_identity_without_a_nonce_is_refused(asha_is_linked: Any) -> None:
    browser = off_with(asha_is_linked, lambda address: changed(address, nonce=None))
    refused(asha_is_linked, browser, asha_is_linked.say_who(browser, ASHA), "AnswerRefused.nonce")


def test_a_code_for_another_verifier_is_refused(asha_is_linked: Any) -> None:
    browser = off_with(asha_is_linked, lambda address: changed(address, code_challenge="x" * 43))
    refused(asha_is_linked, browser, asha_is_linked.say_who(browser, ASHA), "AnswerRefused.invalid_grant")


def test_an_answer_to_another_state_is_refused(asha_is_linked: Any) -> None:
    world = asha_is_linked
    for state in ("x" * 43, "", None, "\x00", "é" * 4000):
        browser = world.begin(world.browser())
        refused(world, browser, changed(world.say_who(browser, ASHA), state=state), "TryUnknown")


@pytest.mark.parametrize("issuer", [None, "", "https://elsewhere.example"])
def test_an_answer_of_another_issuer_or_of_none_is_refused(asha_is_linked: Any, issuer: str | None) -> None:
    browser = asha_is_linked.begin(asha_is_linked.browser())
    back = changed(asha_is_linked.say_who(browser, ASHA), iss=issuer)
    refused(asha_is_linked, browser, back, "AnswerRefused.answer_issuer")


def test_an_answer_is_good_once(asha_is_linked: Any) -> None:
    world = asha_is_linked
    browser = world.begin(world.browser())
    back, cookies = world.say_who(browser, ASHA), browser.cookies
    assert browser.go(back).url.endswith("/partners")
    again = world.browser()
    again.keep(cookies)
    refused(world, again, back, "TryUnknown")


def test_one_answer_sent_twice_at_once_lets_one_in(world_on_each: Any) -> None:
    world = world_on_each
    world.linked(ASHA)
    browser = world.begin(world.browser())
    back = world.say_who(browser, ASHA)
    before, both = len(world.rows(sessions, "hash")), threading.Barrier(2)
    said: list[int] = []

    def send() -> None:
        both.wait()
        said.append(browser._session.get(back, allow_redirects=False, timeout=20).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(said), world.refusals()) == ([303, 403], ["TryUnknown"])
    assert len(world.rows(sessions, "hash")) == before + 1


def test_a_link_from_another_browser_signs_nobody_in_as_somebody_else(asha_is_linked: Any) -> None:
    world = asha_is_linked
    theirs, mine = world.begin(world.browser()), world.begin(world.browser())
    back = world.say_who(theirs, ASHA)
    refused(world, mine, back, "TryUnknown")
    refused(world, world.browser(), back, "TryUnknown")
    # Nobody but its own browser uses a sign-in up.
    assert theirs.go(back).url.endswith("/partners")


def test_an_answer_that_comes_after_ten_minutes_is_refused(asha_is_linked: Any) -> None:
    world = asha_is_linked
    browser = world.begin(world.browser())
    back = world.say_who(browser, ASHA)
    world.clock.ahead = timedelta(minutes=10, seconds=1)
    refused(world, browser, back, "TryUnknown")


def test_whoever_changes_their_mind_at_the_provider_is_told_so_and_its_words_are_not_repeated(world: Any) -> None:
    browser = world.begin(world.browser())
    back = world.say_who(browser, "")
    assert "error=access_denied" in back
    answer = browser.go(back)
    assert (answer.status_code, world.refusals()) == (403, ["SignInStopped"])
    assert "Your organisation did not sign you in" in answer.text
    assert "changed their mind" not in answer.text
    assert "somebody@" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x",
        "state=x&state=y",
        "code=" + "x" * 5000,
        "iss=a&iss=b&code=c&state=d",
        "error=e",
        "code=%00&state=%00",
    ],
)
def test_what_was_never_begun_is_refused(world: Any, query: str) -> None:
    answer = world.browser().go(f"/sign-in/provider/answer?{query}")
    assert answer.status_code in {400, 403}
    assert len(world.refusals()) == 1


def test_discovery_that_names_another_issuer_is_believed_in_nothing(world: Any) -> None:
    # The same provider by another of its host's names: the document it gives is not that name's.
    world.open_again(issuer=world.provider.issuer.replace("127.0.0.1", "localhost"))
    answer = world.browser().go(PATH)
    assert (answer.status_code, world.refusals()) == (403, ["AnswerRefused.discovery_issuer"])
    assert world.counts()[2] == 0


def test_the_provider_believes_our_own_key_alone(asha_is_linked: Any, our_key: Any) -> None:
    world = asha_is_linked
    world.open_again(RSAKey.generate_key(2048, auto_kid=True))
    browser = world.begin(world.browser())
    refused(world, browser, world.say_who(browser, ASHA), "AnswerRefused.invalid_client")
    world.open_again(our_key)
    assert world.sign_in(ASHA).trail[-1].endswith("/partners")


def test_from_one_address_only_so_many_sign_ins_are_open(world: Any) -> None:
    world.open_again(policy={"partners": {"begun_from_one_address": 3}})
    for _ in range(3):
        world.begin(world.browser())
    answer = world.browser().go(PATH)
    assert answer.status_code == 503
    assert "Too many sign-ins were begun from where you are" in answer.text


def test_two_people_sign_in_at_once_and_each_is_who_they_are(world: Any) -> None:
    partner_id = world.partner()
    world.linked(ASHA, "coordinator", partner_id=partner_id)
    world.linked(FEMI, "network_lead", called="Femi", partner_id=partner_id)
    one, other = world.begin(world.browser()), world.begin(world.browser())
    back_one, back_other = world.say_who(one, ASHA), world.say_who(other, FEMI)
    assert other.go(back_other).status_code == one.go(back_one).status_code == 200
    assert "Add a partner" in other.go("/partners").text
    assert "Add a partner" not in one.go("/partners").text
