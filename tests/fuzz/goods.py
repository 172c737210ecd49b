"""A good request for each write route: who may, which thing stands at the right stage for it, and what is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis.ids import SeededIds
from demo import fhir
from demo.region import PARTNERS
from demo.sending import form_of
from tests.builders import MORNING, OUR_SERVICE, a_referral
from tests.fuzz.asked import api, day, form
from tests.fuzz.goods_of_partners import goods_of_partners, goods_of_sign_in, goods_of_systems
from tests.fuzz.knocks import EVENT, FHIR, KEY, Good
from tests.fuzz.world import GIVEN_UP, KEEPERS, PLACE, RECORD, SERVICES, STREAM, World

_LATER = (MORNING + timedelta(days=20)).isoformat()
_LIMITS = {
    "places": 2, "areas": ["north", "city"], "modes": ["phone"], "languages": ["en"], "times": ["weekend"],
    "age_bands": ["18-24"], "gender": "woman", "topics_not_taken": ["anxiety"],
}  # fmt: skip
_STANDING = {
    "conduct_accepted_on": "2026-03-01",
    "check_valid_until": "2028-01-01",
    "training_valid_until": "2028-01-01",
}
_WORRY = {"level": 2, "about": "person", "words": "Something does not feel right."}
_ENDING = {"ending": "planned", "agreed_by": "both", "wants_return": True}


def goods(world: World) -> dict[str, Good]:
    """The good request of each route, by `METHOD rule`."""
    made: dict[str, Good] = {}
    for of in (
        goods_of_partners,
        goods_of_systems,
        goods_of_sign_in,
        _referrals,
        _referral_pages,
        _matching,
        _matching_pages,
        _support,
        _support_pages,
        _supervision,
        _supervision_pages,
        _home,
    ):
        made.update(of(world))
    for room in SERVICES:
        made.update(_set_aside(world, room))
    return made


def _referrals(world: World) -> dict[str, Good]:
    at, referral = world.at, "/api/v1/referrals/<uuid:referral_id>"
    person = "/api/v1/referrals/people/<uuid:person_id>"
    whole = a_referral(
        safety={"note": "Prefers mornings.", "must_not_be_told": [at["kindred"]]}, your_reference="A-1",
        person={"email": "jordan@example.org", "address": "7 Some Street"}, referrer={"email": "ruth@example.org"},
    )  # fmt: skip
    event = {
        "specversion": "1.0",
        "id": "message-1",
        "source": "/records",
        "type": "referral.sent.v1",
        "datacontenttype": "application/json",
        "data": whole,
    }
    message = fhir.a_message(SeededIds(5), PARTNERS[0], OUR_SERVICE, whole, MORNING)
    ids = {
        "X-Request-Id": "7d1f2c7e-0a53-4d2a-9a51-6b1f1f6f2a10",
        "X-Correlation-Id": "11111111-2222-4333-8444-555555555555",
    }
    return {
        "POST /api/v1/referrals": api("system", whole, keyed=True),
        f"POST {referral}/acknowledgement": api("coordinator", referral_id=at["received"]),
        f"POST {referral}/acceptance": api("coordinator", referral_id=at["acknowledged"]),
        f"POST {referral}/decline": api(
            "coordinator", {"declined_by": "person", "reason": "other_help_found"}, referral_id=at["acknowledged"]
        ),
        f"PUT {referral}/birth-date": api("coordinator", {"birth_date": "1985-03-27"}, referral_id=at["undated"]),
        f"POST {person}/consent-withdrawal": api("coordinator", person_id=at["accepted_person"]),
        f"POST {person}/protection": api("coordinator", person_id=at["accepted_person"]),
        f"DELETE {person}/protection": api("coordinator", person_id=at["protected_person"]),
        f"POST {person}/forgetting": api("privacy", person_id=at["accepted_person"]),
        "POST /fhir/$process-message": Good("system", {}, message, FHIR, ids, True),
        "POST /api/v1/events": Good("system", {}, event, EVENT, {}, True),
    }


def _referral_pages(world: World) -> dict[str, Good]:
    at, referral = world.at, "/referrals/<uuid:referral_id>"
    person = "/referrals/people/<uuid:person_id>"
    sent = form_of(
        a_referral(
            person={"email": "jordan@example.org", "address": "7 Some Street"}, safety={"note": "Prefers mornings."}
        )
    )
    return {
        "POST /referrals/new": form("referrer", {"key": KEY, **sent}),
        f"POST {referral}/acknowledgement": form("coordinator", referral_id=at["received"]),
        f"POST {referral}/acceptance": form("coordinator", referral_id=at["acknowledged"]),
        f"POST {referral}/birth-date": form(
            "coordinator",
            {"birth_date-day": "27", "birth_date-month": "3", "birth_date-year": "1985"},
            referral_id=at["undated"],
        ),
        f"POST {referral}/decline": form(
            "coordinator", {"declined_by": "person", "reason": "other_help_found"}, referral_id=at["acknowledged"]
        ),
        f"POST {person}/protection": form(
            "coordinator", {"protect": "yes", "back": at["accepted"]}, person_id=at["accepted_person"]
        ),
        f"POST {person}/consent-withdrawal": form(
            "coordinator", {"back": at["accepted"]}, person_id=at["accepted_person"]
        ),
        "POST /my/referral/withdrawal": form("accepted_person"),
        "POST /referrals/looks/<uuid:look_id>/settling": form("privacy", {"outcome": "explained"}, look_id=at["look"]),
    }


def _matching(world: World) -> dict[str, Good]:
    at, match = world.at, "/api/v1/matches/<uuid:match_id>"
    proposal = {"referral_id": at["accepted"], "peer_ids": [at["offered_peer"]], "has_asked": True}
    answer = {"peer_id": at["offered_peer"], "side": "peer", "answer": "could", "how": "by_phone"}
    entries = [{"theme": "depression", "level": "open"}, {"theme": "hospital", "level": "match_only"}]
    return {
        "POST /api/v1/matches": api("coordinator", proposal),
        f"POST {match}/answers": api("coordinator", answer, match_id=at["offered_match"]),
        f"POST {match}/taster": api(
            "coordinator", {"peer_id": at["chosen_peer"], "held_at": MORNING.isoformat()}, match_id=at["chosen_match"]
        ),
        f"POST {match}/agreement": api(
            "coordinator", {"person_yes": True, "peer_yes": True, "how": "by_phone"}, match_id=at["met_match"]
        ),
        "POST /api/v1/peers": api("kindred_lead", {"account_id": world.people["gwen"].who.id}),
        "PUT /api/v1/peers/me/limits": api("asha", _LIMITS),
        "PUT /api/v1/peers/me/experience": api("asha", {"entries": entries}),
        "POST /api/v1/peers/me/pause": api("asha"),
        "POST /api/v1/peers/me/resumption": api("asha"),
    }


def _matching_pages(world: World) -> dict[str, Good]:
    at, match, offer = world.at, "/matching/match/<uuid:match_id>", "/matching/offers/<uuid:match_id>"
    return {
        "POST /matching/<uuid:referral_id>/proposals": form(
            "coordinator", {"peer_ids": [at["offered_peer"]], "has_asked": "yes"}, referral_id=at["accepted"]
        ),
        f"POST {match}/answers": form(
            "coordinator",
            {"peer_id": at["offered_peer"], "said": "peer could", "how": "by_phone"},
            match_id=at["offered_match"],
        ),
        f"POST {match}/taster": form("coordinator", {"peer_id": at["chosen_peer"]}, match_id=at["chosen_match"]),
        f"POST {match}/agreement": form(
            "coordinator", {"person_yes": "yes", "peer_yes": "yes", "how": "by_phone"}, match_id=at["met_match"]
        ),
        "POST /peers/joining": form("kindred_lead", {"account_id": world.people["gwen"].who.id}),
        "POST /peers/me/limits": form("asha", _LIMITS),
        "POST /peers/me/experience": form("asha", {"level.depression": "open", "level.hospital": "match_only"}),
        "POST /peers/me/pause": form("asha"),
        "POST /peers/me/resumption": form("asha"),
        f"POST {offer}/answer": form("asha", {"answer": "could"}, match_id=at["offered_match"]),
        f"POST {offer}/taster": form("bela", match_id=at["chosen_match"]),
        f"POST {offer}/agreement": form("chidi", {"answer": "yes"}, match_id=at["met_match"]),
        "POST /my/match/<uuid:match_id>/choice": form(
            "could_person", {"peer_id": at["could_peer"]}, match_id=at["could_match"]
        ),
        "POST /my/match/<uuid:match_id>/not-this-time": form("could_person", match_id=at["could_match"]),
        "POST /my/match/<uuid:match_id>/agreement": form("met_person", match_id=at["met_match"]),
    }


def _support(world: World) -> dict[str, Good]:
    at, support = world.at, "/api/v1/supports/<uuid:support_id>"
    active: dict[str, Any] = {"support_id": at["active_support"]}
    resting: dict[str, Any] = {"support_id": at["resting_support"]}
    contact = {"kind": "made", "mode": "phone", "held_on": "2026-03-03", "meeting_id": None, "note": "We talked."}
    return {
        f"POST {support}/start": api("dana", {"agreed_end_on": "2026-06-30"}, support_id=at["agreed_support"]),
        f"POST {support}/meetings": api("edda", {"starts_at": _LATER, "mode": "phone"}, keyed=True, **active),
        f"POST {support}/contacts": api("edda", contact, keyed=True, **active),
        f"POST {support}/connections": api("edda", {"kind": "place", "what": "The library"}, keyed=True, **active),
        f"POST {support}/connections/<uuid:connection_id>/moves": api(
            "edda", {"state": "tried"}, connection_id=at["connection"], **active
        ),
        f"POST {support}/pause": api("edda", {"paused_by": "peer"}, **active),
        f"POST {support}/resumption": api("farid", **resting),
        f"POST {support}/ending": api("edda", _ENDING, **active),
        f"POST {support}/worries": api("edda", _WORRY, keyed=True, **active),
    }


def _support_pages(world: World) -> dict[str, Good]:
    at, support = world.at, "/support/<uuid:support_id>"
    active: dict[str, Any] = {"support_id": at["active_support"]}
    resting: dict[str, Any] = {"support_id": at["resting_support"]}
    return {
        f"POST {support}/start": form(
            "dana", {**day("agreed_end_on"), "agreed_end_on-month": "6"}, support_id=at["agreed_support"]
        ),
        f"POST {support}/meetings": form("edda", {"key": KEY, **day("on"), "at": "2:30pm", "mode": "phone"}, **active),
        f"POST {support}/contacts": form(
            "edda", {"key": KEY, "kind": "made", "mode": "phone", "note": "We talked."}, **active
        ),
        f"POST {support}/connections": form("edda", {"key": KEY, "kind": "place", "what": "The library"}, **active),
        f"POST {support}/connections/<uuid:connection_id>/moves": form(
            "edda", {"state": "tried"}, connection_id=at["connection"], **active
        ),
        f"POST {support}/pause": form("edda", {"paused_by": "peer"}, **active),
        f"POST {support}/resumption": form("farid", **resting),
        f"POST {support}/ending": form(
            "edda", {"ending": "planned", "agreed_by": "both", "wants_return": "yes"}, **active
        ),
        f"POST {support}/worry": form(
            "edda", {"key": KEY, "level": "2", "about": "person", "words": "Something is not right."}, **active
        ),
        "POST /my/support/<uuid:support_id>/ending": form("active_person", {"want": "stop"}, **active),
        "POST /my/support/worry": form(
            "active_person", {"key": KEY, "level": "2", "about": "person", "words": "Something is not right."}
        ),
    }


def _supervision(world: World) -> dict[str, Good]:
    at, peer, session = (
        world.at,
        "/api/v1/supervision/peers/<uuid:peer_id>",
        "/api/v1/supervision/sessions/<uuid:session_id>",
    )
    concern = "/api/v1/concerns/<uuid:concern_id>"
    past: dict[str, Any] = {"session_id": at["past_session"]}
    return {
        f"PUT {peer}/standing": api("supervisor", _STANDING, peer_id=at["met_peer"]),
        f"POST {peer}/sessions": api("supervisor", {"starts_at": _LATER, "kind": "line"}, peer_id=at["met_peer"]),
        f"POST {session}/confirmation": api("supervisor", **past),
        f"POST {session}/missed": api("supervisor", {"missed_by": "supervisor"}, **past),
        f"POST {session}/declining": api("bela", {"because": "not_possible"}, session_id=at["coming_session"]),
        "POST /api/v1/concerns": api("referrer", {**_WORRY, "about": "peer", "about_id": at["met_peer"]}, keyed=True),
        f"POST {concern}/acknowledgement": api("safeguarding", concern_id=at["raised_concern"]),
        f"POST {concern}/handing-on": api(
            "safeguarding", {"owner_id": world.people["second_safeguarding"].who.id}, concern_id=at["taken_concern"]
        ),
        f"POST {concern}/closing": api("safeguarding", {"code": "talked_through"}, concern_id=at["taken_concern"]),
    }


def _supervision_pages(world: World) -> dict[str, Good]:
    at, peer, session = world.at, "/supervision/peers/<uuid:peer_id>", "/supervision/sessions/<uuid:session_id>"
    concern = "/worries/<uuid:concern_id>"
    past: dict[str, Any] = {"session_id": at["past_session"]}
    standing = {
        **day("conduct_accepted_on"),
        "conduct_accepted_on-day": "1",
        **day("check_valid_until"),
        **day("training_valid_until"),
    }
    return {
        f"POST {peer}/standing": form("supervisor", standing, peer_id=at["met_peer"]),
        f"POST {peer}/sessions": form(
            "supervisor", {**day("on"), "at": "14:30", "kind": "line"}, peer_id=at["met_peer"]
        ),
        f"POST {session}/confirmation": form("supervisor", **past),
        f"POST {session}/missed": form("supervisor", {"missed_by": "supervisor"}, **past),
        f"POST {session}/declining": form("bela", {"because": "not_possible"}, session_id=at["coming_session"]),
        "POST /worries/new": form(
            "referrer", {"key": KEY, "level": "2", "whom": f"peer/{at['met_peer']}", "words": "Something is not right."}
        ),
        f"POST {concern}/acknowledgement": form("safeguarding", concern_id=at["raised_concern"]),
        f"POST {concern}/handing-on": form(
            "safeguarding", {"owner_id": world.people["second_safeguarding"].who.id}, concern_id=at["taken_concern"]
        ),
        f"POST {concern}/closing": form("safeguarding", {"code": "talked_through"}, concern_id=at["taken_concern"]),
    }


def _home(world: World) -> dict[str, Good]:
    return {
        "POST /demo": form("nobody", {"kind": "account", "id": world.people["asha"].who.id}),
        "POST /demo/leave": form("nobody"),
    }


def _set_aside(world: World, room: str) -> dict[str, Good]:
    at = f"POST /services/{room}/set-aside"
    asking: dict[str, Any] = {"asking_id": world.at[f"{room}_asking"]}
    words = {"number": str(PLACE), "reason": "other", "words": "It was looked at, and this is right."}
    first, second = KEEPERS
    return {
        f"{at}/ask/try-again": form(first, {"on": STREAM, "alike": "one", **words}),
        f"{at}/ask/give-up": form(first, {"on": STREAM, "alike": "one", "fences": "no", **words}),
        f"{at}/ask/put-away": form(first, {"on": RECORD, "alike": "all", **words}),
        f"{at}/ask/show-again": form(first, {"on": GIVEN_UP, **words}),
        f"{at}/asked/<uuid:asking_id>/confirm": form(second, **asking),
        f"{at}/asked/<uuid:asking_id>/refuse": form(second, **asking),
    }
