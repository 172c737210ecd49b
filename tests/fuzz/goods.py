"""A good request for each write route: who may, which thing stands at the right stage for it, and what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chassis.ids import SeededIds
from demo import fhir
from demo.region import PARTNERS
from demo.sending import form_of
from tests.builders import MORNING, OUR_SERVICE, SETUP, a_referral
from tests.fuzz.knocks import EVENT, FHIR, FORM, JSON, KEY, Good
from tests.fuzz.world import GIVEN_UP, KEEPERS, PLACE, RECORD, SERVICES, STREAM, World

_CONFIRMATION = "/api/v1/referrals/confirmations/<uuid:asking_id>"
_KEYED = {"Idempotency-Key": KEY}
_OUR_FORM = {"Sec-Fetch-Site": "same-origin"}
_LATER = (MORNING + timedelta(days=20)).isoformat()
_DAY_PARTS = {"day": "22", "month": "3", "year": "2026"}
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
_PARTNER = {
    "code": "new-voices", "name": "New Voices", "kind": "nhs_body", "area": "north", "ods_code": "RZ902",
    "agreement": {"starts_on": "2026-03-01", "ends_on": "2027-03-01"},
}  # fmt: skip


def _api(who: str, body: Any = None, *, gives_back: bool = False, keyed: bool = False, **at: str) -> Good:
    return Good(who, at, body, JSON, _KEYED if keyed else {}, gives_back)


def _form(who: str, body: Mapping[str, Any] | None = None, **at: str) -> Good:
    return Good(who, at, body, FORM, _OUR_FORM)


def _day(name: str) -> dict[str, str]:
    return {f"{name}-{part}": text for part, text in _DAY_PARTS.items()}


def goods(world: World) -> dict[str, Good]:
    """The good request of each route, by `METHOD rule`."""
    made: dict[str, Good] = {}
    for of in (
        _partners,
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


def _partners(world: World) -> dict[str, Good]:
    partner: dict[str, Any] = {"partner_id": world.at["partner"]}
    answers = {name: answer for name, answer in SETUP.items() if name != "posts"} | {"posts.first.title": "Peer worker",
        "posts.first.kind": "paid", "posts.first.hours": "30", "posts.first.contract": "permanent",
        "training_hours": "40"}  # fmt: skip
    conduct = {"words": "We walk beside each other, always.", "in_force_on": "2027-03-01"}
    account = {"called": "Hana", "roles": ["peer", "supervisor"]}
    role, asking = {"role": "peer", "words": "Asked to."}, "/partners/<uuid:partner_id>/askings/<uuid:asking_id>"
    joining = {name: text for name, text in _PARTNER.items() if name != "agreement"} | {
        **_day("agreement.starts_on"),
        **_day("agreement.ends_on"),
        "agreement.ends_on-year": "2027",
    }
    return {
        "POST /api/v1/partners": _api("lead", _PARTNER, gives_back=True, keyed=True),
        "POST /api/v1/partners/<uuid:partner_id>/accounts": _api("lead", account, keyed=True, **partner),
        "POST /api/v1/partners/<uuid:partner_id>/suspension": _api("lead", **partner),
        "DELETE /api/v1/partners/<uuid:partner_id>/suspension": _api("lead", **partner),
        "POST /api/v1/partners/<uuid:partner_id>/agreements": _api(
            "lead", _PARTNER["agreement"], keyed=True, **partner
        ),
        "POST /partners/<uuid:partner_id>/agreements": _form(
            "lead", {"key": KEY, **_day("starts_on"), **_day("ends_on"), "ends_on-year": "2027"}, **partner
        ),
        "POST /api/v1/partners/<uuid:partner_id>/accounts/<uuid:account_id>/roles": _api(
            "lead", role, keyed=True, account_id=world.at["referrer"], **partner
        ),
        "DELETE /api/v1/partners/<uuid:partner_id>/accounts/<uuid:account_id>/roles/<role>": _api(
            "lead", account_id=world.at["two_roles"], role="referrer", **partner
        ),
        f"POST /api/v1{asking}/confirmation": _api("second", asking_id=world.at["asking"], **partner),
        f"POST /api/v1{asking}/refusal": _api("second", asking_id=world.at["asking"], **partner),
        f"POST {asking}/confirmation": _form("second", asking_id=world.at["asking"], **partner),
        f"POST {asking}/refusal": _form("second", asking_id=world.at["asking"], **partner),
        "POST /partners/<uuid:partner_id>/accounts/<uuid:account_id>/roles": _form(
            "lead", {"key": KEY, **role}, account_id=world.at["referrer"], **partner
        ),
        "POST /partners/<uuid:partner_id>/accounts/<uuid:account_id>/roles/<role>/end": _form(
            "lead", account_id=world.at["two_roles"], role="referrer", **partner
        ),
        "POST /api/v1/partners/conduct": _api("lead", conduct, keyed=True),
        "POST /partners/conduct/new": _form(
            "lead", {"key": KEY, "words": conduct["words"], **_day("in_force_on"), "in_force_on-year": "2027"}
        ),
        "POST /api/v1/partners/conduct/acceptance": _api("asha", {"version": 1}),
        "POST /partners/conduct/acceptance": _form("asha", {"version": "1"}),
        "POST /api/v1/partners/<uuid:partner_id>/answers": _api("lead", SETUP, keyed=True, **partner),
        "POST /partners/<uuid:partner_id>/questions": _form("lead", {"key": KEY, **answers}, **partner),
        "POST /api/v1/partners/<uuid:partner_id>/accounts/<uuid:account_id>/handover": _api(
            "lead", {"to_id": world.at["safeguarding"]}, account_id=world.at["referrer"], **partner
        ),
        "POST /partners/<uuid:partner_id>/accounts/<uuid:account_id>/handover": _form(
            "lead", {"to_id": world.at["safeguarding"]}, account_id=world.at["referrer"], **partner
        ),
        "POST /partners/new": _form("lead", {"key": KEY, **joining}),
        "POST /partners/<uuid:partner_id>/accounts": _form("lead", {"key": KEY, **account}, **partner),
        "POST /partners/<uuid:partner_id>/suspension": _form("lead", {"suspend": "yes"}, **partner),
        "POST /sign-out": _form("lead"),
    }


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
        "POST /api/v1/referrals": _api("system", whole, keyed=True),
        f"POST {referral}/acknowledgement": _api("coordinator", referral_id=at["received"]),
        f"POST {referral}/acceptance": _api("coordinator", referral_id=at["acknowledged"]),
        f"POST {referral}/decline": _api(
            "coordinator", {"declined_by": "person", "reason": "other_help_found"}, referral_id=at["acknowledged"]
        ),
        f"PUT {referral}/birth-date": _api("coordinator", {"birth_date": "1985-03-27"}, referral_id=at["undated"]),
        f"POST {person}/consent-withdrawal": _api("coordinator", person_id=at["accepted_person"]),
        f"POST {person}/protection": _api("coordinator", person_id=at["accepted_person"]),
        f"DELETE {person}/protection": _api("coordinator", person_id=at["protected_person"]),
        f"POST {person}/forgetting": _api(
            "privacy", {"reason": "asked_by_the_person"}, person_id=at["accepted_person"]
        ),
        f"POST {_CONFIRMATION}/confirmation": _api("lead", asking_id=at["forgetting"]),
        f"POST {_CONFIRMATION}/refusal": _api("lead", asking_id=at["forgetting"]),
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
        "POST /referrals/new": _form("referrer", {"key": KEY, **sent}),
        f"POST {referral}/acknowledgement": _form("coordinator", referral_id=at["received"]),
        f"POST {referral}/acceptance": _form("coordinator", referral_id=at["acknowledged"]),
        f"POST {referral}/birth-date": _form(
            "coordinator",
            {"birth_date-day": "27", "birth_date-month": "3", "birth_date-year": "1985"},
            referral_id=at["undated"],
        ),
        f"POST {referral}/decline": _form(
            "coordinator", {"declined_by": "person", "reason": "other_help_found"}, referral_id=at["acknowledged"]
        ),
        f"POST {person}/protection": _form(
            "coordinator", {"protect": "yes", "back": at["accepted"]}, person_id=at["accepted_person"]
        ),
        f"POST {person}/consent-withdrawal": _form(
            "coordinator", {"back": at["accepted"]}, person_id=at["accepted_person"]
        ),
        f"POST {person}/glass": _form(
            "coordinator",
            {"reason": "danger_now", "words": "She does not answer the door."},
            person_id=at["accepted_person"],
        ),
        f"POST {person}/glass/ending": _form("coordinator", person_id=at["accepted_person"]),
        f"POST {person}/asking": _form(
            "privacy", {"what": "forgetting", "reason": "asked_by_the_person"}, person_id=at["accepted_person"]
        ),
        f"POST {_CONFIRMATION.removeprefix('/api/v1')}/confirmation": _form("lead", asking_id=at["forgetting"]),
        f"POST {_CONFIRMATION.removeprefix('/api/v1')}/refusal": _form("lead", asking_id=at["forgetting"]),
        "POST /referrals/looks/glass/<uuid:glass_id>/settling": _form(
            "privacy", {"outcome": "explained"}, glass_id=at["glass"]
        ),
        "POST /my/referral/withdrawal": _form("accepted_person"),
    }


def _matching(world: World) -> dict[str, Good]:
    at, match = world.at, "/api/v1/matches/<uuid:match_id>"
    proposal = {"referral_id": at["accepted"], "peer_ids": [at["offered_peer"]], "has_asked": True}
    answer = {"peer_id": at["offered_peer"], "side": "peer", "answer": "could", "how": "by_phone"}
    entries = [{"theme": "depression", "level": "open"}, {"theme": "hospital", "level": "match_only"}]
    return {
        "POST /api/v1/matches": _api("coordinator", proposal),
        f"POST {match}/answers": _api("coordinator", answer, match_id=at["offered_match"]),
        f"POST {match}/taster": _api(
            "coordinator", {"peer_id": at["chosen_peer"], "held_at": MORNING.isoformat()}, match_id=at["chosen_match"]
        ),
        f"POST {match}/agreement": _api(
            "coordinator", {"person_yes": True, "peer_yes": True, "how": "by_phone"}, match_id=at["met_match"]
        ),
        "POST /api/v1/peers": _api("kindred_lead", {"account_id": world.people["gwen"].who.id}),
        "PUT /api/v1/peers/me/limits": _api("asha", _LIMITS),
        "PUT /api/v1/peers/me/experience": _api("asha", {"entries": entries}),
        "POST /api/v1/peers/me/pause": _api("asha"),
        "POST /api/v1/peers/me/resumption": _api("asha"),
    }


def _matching_pages(world: World) -> dict[str, Good]:
    at, match, offer = world.at, "/matching/match/<uuid:match_id>", "/matching/offers/<uuid:match_id>"
    return {
        "POST /matching/<uuid:referral_id>/proposals": _form(
            "coordinator", {"peer_ids": [at["offered_peer"]], "has_asked": "yes"}, referral_id=at["accepted"]
        ),
        f"POST {match}/answers": _form(
            "coordinator",
            {"peer_id": at["offered_peer"], "said": "peer could", "how": "by_phone"},
            match_id=at["offered_match"],
        ),
        f"POST {match}/taster": _form("coordinator", {"peer_id": at["chosen_peer"]}, match_id=at["chosen_match"]),
        f"POST {match}/agreement": _form(
            "coordinator", {"person_yes": "yes", "peer_yes": "yes", "how": "by_phone"}, match_id=at["met_match"]
        ),
        "POST /peers/joining": _form("kindred_lead", {"account_id": world.people["gwen"].who.id}),
        "POST /peers/me/limits": _form("asha", _LIMITS),
        "POST /peers/me/experience": _form("asha", {"level.depression": "open", "level.hospital": "match_only"}),
        "POST /peers/me/pause": _form("asha"),
        "POST /peers/me/resumption": _form("asha"),
        f"POST {offer}/answer": _form("asha", {"answer": "could"}, match_id=at["offered_match"]),
        f"POST {offer}/taster": _form("bela", match_id=at["chosen_match"]),
        f"POST {offer}/agreement": _form("chidi", {"answer": "yes"}, match_id=at["met_match"]),
        "POST /my/match/<uuid:match_id>/choice": _form(
            "could_person", {"peer_id": at["could_peer"]}, match_id=at["could_match"]
        ),
        "POST /my/match/<uuid:match_id>/not-this-time": _form("could_person", match_id=at["could_match"]),
        "POST /my/match/<uuid:match_id>/agreement": _form("met_person", match_id=at["met_match"]),
    }


def _support(world: World) -> dict[str, Good]:
    at, support = world.at, "/api/v1/supports/<uuid:support_id>"
    active: dict[str, Any] = {"support_id": at["active_support"]}
    resting: dict[str, Any] = {"support_id": at["resting_support"]}
    contact = {"kind": "made", "mode": "phone", "held_on": "2026-03-03", "meeting_id": None, "note": "We talked."}
    return {
        f"POST {support}/start": _api("dana", {"agreed_end_on": "2026-06-30"}, support_id=at["agreed_support"]),
        f"POST {support}/meetings": _api("edda", {"starts_at": _LATER, "mode": "phone"}, keyed=True, **active),
        f"POST {support}/contacts": _api("edda", contact, keyed=True, **active),
        f"POST {support}/connections": _api("edda", {"kind": "place", "what": "The library"}, keyed=True, **active),
        f"POST {support}/connections/<uuid:connection_id>/moves": _api(
            "edda", {"state": "tried"}, connection_id=at["connection"], **active
        ),
        f"POST {support}/pause": _api("edda", {"paused_by": "peer"}, **active),
        f"POST {support}/resumption": _api("farid", **resting),
        f"POST {support}/ending": _api("edda", _ENDING, **active),
        f"POST {support}/worries": _api("edda", _WORRY, keyed=True, **active),
    }


def _support_pages(world: World) -> dict[str, Good]:
    at, support = world.at, "/support/<uuid:support_id>"
    active: dict[str, Any] = {"support_id": at["active_support"]}
    resting: dict[str, Any] = {"support_id": at["resting_support"]}
    return {
        f"POST {support}/start": _form(
            "dana", {**_day("agreed_end_on"), "agreed_end_on-month": "6"}, support_id=at["agreed_support"]
        ),
        f"POST {support}/meetings": _form(
            "edda", {"key": KEY, **_day("on"), "at": "2:30pm", "mode": "phone"}, **active
        ),
        f"POST {support}/contacts": _form(
            "edda", {"key": KEY, "kind": "made", "mode": "phone", "note": "We talked."}, **active
        ),
        f"POST {support}/connections": _form("edda", {"key": KEY, "kind": "place", "what": "The library"}, **active),
        f"POST {support}/connections/<uuid:connection_id>/moves": _form(
            "edda", {"state": "tried"}, connection_id=at["connection"], **active
        ),
        f"POST {support}/pause": _form("edda", {"paused_by": "peer"}, **active),
        f"POST {support}/resumption": _form("farid", **resting),
        f"POST {support}/ending": _form(
            "edda", {"ending": "planned", "agreed_by": "both", "wants_return": "yes"}, **active
        ),
        f"POST {support}/worry": _form(
            "edda", {"key": KEY, "level": "2", "about": "person", "words": "Something is not right."}, **active
        ),
        "POST /my/support/<uuid:support_id>/ending": _form("active_person", {"want": "stop"}, **active),
        "POST /my/support/worry": _form(
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
        f"PUT {peer}/standing": _api("supervisor", _STANDING, peer_id=at["met_peer"]),
        f"POST {peer}/sessions": _api("supervisor", {"starts_at": _LATER, "kind": "line"}, peer_id=at["met_peer"]),
        f"POST {session}/confirmation": _api("supervisor", **past),
        f"POST {session}/missed": _api("supervisor", {"missed_by": "supervisor"}, **past),
        f"POST {session}/declining": _api("bela", {"because": "not_possible"}, session_id=at["coming_session"]),
        "POST /api/v1/concerns": _api("referrer", {**_WORRY, "about": "peer", "about_id": at["met_peer"]}, keyed=True),
        f"POST {concern}/acknowledgement": _api("safeguarding", concern_id=at["raised_concern"]),
        f"POST {concern}/handing-on": _api(
            "safeguarding", {"owner_id": world.people["second_safeguarding"].who.id}, concern_id=at["taken_concern"]
        ),
        f"POST {concern}/closing": _api("safeguarding", {"code": "talked_through"}, concern_id=at["taken_concern"]),
    }


def _supervision_pages(world: World) -> dict[str, Good]:
    at, peer, session = world.at, "/supervision/peers/<uuid:peer_id>", "/supervision/sessions/<uuid:session_id>"
    concern = "/worries/<uuid:concern_id>"
    past: dict[str, Any] = {"session_id": at["past_session"]}
    standing = {
        **_day("conduct_accepted_on"),
        "conduct_accepted_on-day": "1",
        **_day("check_valid_until"),
        **_day("training_valid_until"),
    }
    return {
        f"POST {peer}/standing": _form("supervisor", standing, peer_id=at["met_peer"]),
        f"POST {peer}/sessions": _form(
            "supervisor", {**_day("on"), "at": "14:30", "kind": "line"}, peer_id=at["met_peer"]
        ),
        f"POST {session}/confirmation": _form("supervisor", **past),
        f"POST {session}/missed": _form("supervisor", {"missed_by": "supervisor"}, **past),
        f"POST {session}/declining": _form("bela", {"because": "not_possible"}, session_id=at["coming_session"]),
        "POST /worries/new": _form(
            "referrer", {"key": KEY, "level": "2", "whom": f"peer/{at['met_peer']}", "words": "Something is not right."}
        ),
        f"POST {concern}/acknowledgement": _form("safeguarding", concern_id=at["raised_concern"]),
        f"POST {concern}/handing-on": _form(
            "safeguarding", {"owner_id": world.people["second_safeguarding"].who.id}, concern_id=at["taken_concern"]
        ),
        f"POST {concern}/closing": _form("safeguarding", {"code": "talked_through"}, concern_id=at["taken_concern"]),
    }


def _home(world: World) -> dict[str, Good]:
    return {
        "POST /demo": _form("nobody", {"kind": "account", "id": world.people["asha"].who.id}),
        "POST /demo/leave": _form("nobody"),
    }


def _set_aside(world: World, room: str) -> dict[str, Good]:
    at = f"POST /services/{room}/set-aside"
    asking: dict[str, Any] = {"asking_id": world.at[f"{room}_asking"]}
    words = {"number": str(PLACE), "reason": "other", "words": "It was looked at, and this is right."}
    first, second = KEEPERS
    return {
        f"{at}/ask/try-again": _form(first, {"on": STREAM, "alike": "one", **words}),
        f"{at}/ask/give-up": _form(first, {"on": STREAM, "alike": "one", "fences": "no", **words}),
        f"{at}/ask/put-away": _form(first, {"on": RECORD, "alike": "all", **words}),
        f"{at}/ask/show-again": _form(first, {"on": GIVEN_UP, **words}),
        f"{at}/asked/<uuid:asking_id>/confirm": _form(second, **asking),
        f"{at}/asked/<uuid:asking_id>/refuse": _form(second, **asking),
    }
