"""One private link across all rooms: with the word a person's own pages, without it no name, place or time anywhere."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.access import Principal
from chassis.clock import HandClock
from chassis.house import open_house
from chassis.ids import SeededIds
from contracts.addresses import SERVICES, owner_of
from tests.builders import COOKIE, MORNING, a_pass, a_referral, a_settings, believing, forget_person
from tests.end_to_end.one_person import WORDS, Lived, by_api
from tests.end_to_end.test_not_up_to_date import Listened
from tests.integration.partners.test_signing_in import Browser

WORD = "tidal estuary"
# Whose peer they have, who referred them, and when they meet; the story of `Lived` and of `Network`.
PEER, PARTNER = "Asha", "Northmoor"
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
_TIME = re.compile(r"\b\d{1,2}(?::\d\d)?(?:am|pm)\b|midday on|\b\d{1,2} (?:March|April|May|June|July) 2026")


class Owner:
    """Somebody who goes from one end to the other, and meets their peer at a time that was agreed."""

    def __init__(self, folder: Path) -> None:
        self.lived = Lived(folder)
        self.lived.goes_as_far_as_support(by_api)
        network = self.network = self.lived.network
        meets = (network.clock.now() + timedelta(days=3)).isoformat()
        planned = f"/api/v1/supports/{self.lived.support_id}/meetings"
        network.post("asha", planned, {"starts_at": meets, "mode": "phone"}, Idempotency_Key="they meet")
        self.people = f"/api/v1/referrals/people/{self.lived.person_id}"
        network.post("coordinator", f"{self.people}/word", {"word": WORD}, put=True)
        network["partners"].app.extensions["minter"].renew_key()
        network.quiet()

    def opens(self, **fields: str) -> Browser:
        """A browser that opened a new link."""
        made = self.network.post("coordinator", f"{self.people}/link")
        self.network.quiet()
        browser = Browser(self.network)
        answer = browser.sends(f"/l/{made['link'].rpartition('/l/')[2]}", **fields)
        assert answer.status_code == 303
        return browser

    def a_stranger(self) -> Browser:
        """A browser with the narrow pass of somebody of whom nothing is known."""
        browser = Browser(self.network)
        who = Principal("person", self.network.ids.new(), None, frozenset({"person"}), only="standing")
        browser.client.set_cookie(COOKIE, a_pass(who, self.network.clock.now()))
        return browser

    def pages(self) -> list[str]:
        """Every address that is looked at, of each room, with the ids of what is theirs."""
        at = {
            "referral_id": self.lived.referral_id, "person_id": self.lived.person_id,
            "support_id": self.lived.support_id, "peer_id": self.network.people["asha"].who.id,
            "partner_id": self.network.people["referrer"].who.partner_id or "",
        }  # fmt: skip
        found = set()
        for service in self.network.house.services.values():
            for rule in service.app.url_map.iter_rules():
                if "GET" in (rule.methods or ()) and service.actions[rule.endpoint] != "public":
                    path = _PLACE.sub(lambda place: at.get(place[1], self.network.ids.new()), rule.rule)
                    found.add(path)
        return sorted(found)


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    made = Owner(tmp_path_factory.mktemp("link"))
    yield made
    made.network.close()


def read(browser: Browser, owner: Owner) -> dict[str, str]:
    """The words of every page and answer a browser is shown, by its pass as a cookie and as a bearer's."""
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    shown = {}
    for path in owner.pages():
        answers = [browser.opens(path)]
        if path.startswith(("/api/", "/fhir")):
            answers = [browser.client.get(path, headers={"Authorization": f"Bearer {cookie.value}"})]
        for answer in answers:
            if answer.status_code == 200:
                shown[path] = " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
    return shown


def test_with_the_word_a_person_reads_their_peer_and_their_next_meeting(owner: Owner) -> None:
    shown = read(owner.opens(word=WORD), owner)
    assert {"/my/referral", "/my/match", "/my/support", "/my/record", "/work"} <= set(shown)
    assert "/my/referral/standing" not in shown
    assert PEER in shown["/my/support"]
    assert _TIME.search(shown["/my/support"])
    assert PARTNER in shown["/my/referral"]
    assert {path for path in shown if path.startswith(("/referrals", "/peers", "/partners", "/reports"))} == set()


def test_without_the_word_no_page_of_any_room_holds_a_name_a_place_or_a_time(owner: Owner) -> None:
    asked = owner.pages()
    shown = read(owner.opens(without="yes"), owner)
    assert len(asked) > 60
    assert set(shown) == {
        "/my/referral/standing", "/my/referral/withdrawal", "/my/referral/withdrawal/heard", "/my/support/worry",
        "/my/support/worry/taken", "/worries/new",
    }  # fmt: skip
    hidden = [*WORDS, PEER, PARTNER, "Kindred", "Referred by"]
    assert {path: word for path, text in shown.items() for word in hidden if word.lower() in text.lower()} == {}
    # The form says by when worries are answered, to everybody alike.
    asked_of_all = [one["/worries/new"].partition("You do not need proof")[2] for one in (shown, _of_a_stranger(owner))]
    assert asked_of_all[0] == asked_of_all[1] != ""
    del shown["/worries/new"]
    assert {path: found[0] for path, text in shown.items() if (found := _TIME.search(text))} == {}


def _of_a_stranger(owner: Owner) -> dict[str, str]:
    return read(owner.a_stranger(), owner)


def test_without_the_word_a_worry_is_raised_and_reaches_somebody_and_the_way_back_is_theirs(owner: Owner) -> None:
    browser = owner.opens(without="yes")
    form = browser.opens("/my/support/worry").text
    assert 'href="/my/referral/standing"' in form
    assert 'action="/my/support/worry"' in form
    sent = {"level": "3", "about": "person", "words": "Somebody reads my letters.", "key": "a key of this form"}
    answer = browser.sends("/my/support/worry", **sent)
    assert (answer.status_code, answer.location) == (303, "/my/support/worry/taken?level=3")
    taken = browser.opens(str(answer.location))
    assert (taken.status_code, 'href="/my/referral/standing"' in taken.text) == (200, True)
    owner.network.quiet()
    (worry,) = owner.network.get("safeguarding", "/api/v1/concerns")
    assert (worry["level"], worry["raised_by"]) == (3, "person")


# ---- the end of it, in every room


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listened]:
    """The whole network, in which every room hears of ended sessions by signals alone."""
    clock, ids = HandClock(MORNING), SeededIds(7)
    rooms = {room: importlib.import_module(f"services.{room}.app").create for room in SERVICES}
    settings = a_settings(tmp_path_factory.mktemp("heard"))
    house = open_house(settings, rooms, owner_of, **believing(clock=clock, ids=ids, watch=None))
    made = Listened(house, clock, ids, [])
    made.beat()
    made.begin()
    made.people["officer"] = made.as_("privacy_officer")
    made["partners"].app.extensions["minter"].renew_key()
    made.quiet()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("who", "method", "what"),
    [
        ("coordinator", "DELETE", "link"), ("safeguarding", "POST", "protection"), ("officer", "POST", "forgetting"),
        ("coordinator", "POST", "link"),
    ],
)  # fmt: skip
def test_what_ends_a_link_ends_whoever_came_in_by_it_in_every_room(
    network: Listened, who: str, method: str, what: str
) -> None:
    sent = network.post("system", "/api/v1/referrals", a_referral(), Idempotency_Key=network.ids.new())
    at = f"/api/v1/referrals/{sent['referral_id']}"
    people = f"/api/v1/referrals/people/{network.post('coordinator', f'{at}/acknowledgement')['person_id']}"
    network.post("coordinator", f"{people}/word", {"word": WORD}, put=True)
    made = network.post("coordinator", f"{people}/link")
    network.quiet()
    browser = Browser(network)
    assert browser.sends(f"/l/{made['link'].rpartition('/l/')[2]}", word=WORD).status_code == 303
    cookie: Any = browser.client.get_cookie(COOKIE)
    doors = {"referrals": "/my/referral", "support": "/my/support", "matching": "/my/match", "home": "/my/record"}
    assert {browser.opens(path).status_code for path in doors.values()} == {200}
    if what == "forgetting":
        assert forget_person(network.people[who], network.people["lead"], people.rpartition("/")[2]) == 204
    else:
        assert network.people[who].api(method, f"{people}/{what}").status_code in {201, 204}
    network.quiet()
    for room, path in doors.items():
        assert browser.client.get(path, headers={"Authorization": f"Bearer {cookie.value}"}).status_code == 401, room
