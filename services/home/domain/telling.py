"""How a fact reads on a timeline: plain words, by whom, and nothing that is another human being's own business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Details = Mapping[str, str | bool]

# A break and being held back are a peer's own business: both are kept here as no more than "not available".
_NOT_TOLD = {"peer_paused": "not_available", "peer_held_back": "not_available"}
_MODES: Mapping[str | bool, str] = {
    "in_person": "in person",
    "phone": "by phone",
    "video": "by video",
    "message": "by message",
    "group": "in a group",
}


@dataclass(frozen=True)
class Telling:
    """One kind of fact in words: `words` and `who` are filled in from `codes`, the words of each code of a field."""

    words: str
    who: str
    codes: Mapping[str, Mapping[str | bool, str]] = field(default_factory=dict)


TELLINGS: Mapping[str, Telling] = {
    "consent.given": Telling("Consent was recorded.", "Person"),
    "consent.withdrawn": Telling("Consent was taken back.", "Person"),
    "person.forgotten": Telling("The person was forgotten.", "Network"),
    "referral.received": Telling(
        "The referral came in {door}.{is_incomplete}",
        "Partner",
        {
            "door": {
                "web": "by the web page",
                "api": "from the partner's own system",
                "fhir": "from the partner's own system as a FHIR message",
            },
            "is_incomplete": {True: " Some things were not yet known.", False: ""},
        },
    ),
    "referral.acknowledged": Telling("Somebody opened the referral and told the referrer so.", "Coordinator"),
    "referral.accepted": Telling("The referral was accepted. The person waits for a match.", "Coordinator"),
    "referral.declined": Telling(
        "The referral does not go on: {reason}.",
        "{declined_by}",
        {
            "declined_by": {"person": "Person", "service": "Coordinator", "referrer": "Referrer"},
            "reason": {
                "not_what_was_hoped_for": "it is not what the person hoped for",
                "outside_our_area": "it is outside our area",
                "too_young": "the person is too young for this network",
                "unsafe_now": "it is not safe just now",
                "duplicate": "the same referral came before",
                "other_help_found": "other help was found",
            },
        },
    ),
    "referral.overdue": Telling(
        "{step} ran past its time. Someone further up was told.",
        "Clock",
        {"step": {"acknowledgement": "Opening the referral", "decision": "The decision"}},
    ),
    "referral.closed": Telling(
        "The referral ended: {outcome}.",
        "Network",
        {
            "outcome": {
                "support_ended": "support came to its end",
                "declined": "it did not go on",
                "withdrawn": "the person took their consent back",
            }
        },
    ),
    "match.proposed": Telling("Peers were asked whether they could.", "Coordinator"),
    "match.answered": Telling(
        "{answer}{how}.",
        "{side}",
        {
            "side": {"peer": "Peer", "person": "Person"},
            "answer": {"could": "said “I could”", "yes": "said yes", "not_this_time": "said “not this time”"},
            "how": {"own_page": "", "told_coordinator": ", as told to a coordinator", "by_phone": ", by phone"},
        },
    ),
    "taster.held": Telling("Person and peer met once, to see how it feels.", "Peer"),
    "match.agreed": Telling("Both said yes.", "Person and peer"),
    "match.released": Telling(
        "{has_peer}: {code}.",
        "Network",
        {
            "has_peer": {True: "One option was let go", False: "The match was let go"},
            "code": {
                "not_needed_this_time": "not needed this time",
                "peer_not_this_time": "the peer said “not this time”",
                "person_not_this_time": "the person said “not this time”",
                "taster_not_agreed": "not after the taster",
                "hold_lapsed": "the hold ran out",
                "consent_withdrawn": "consent was taken back",
                "not_available": "not available",
                "referral_closed": "the referral ended",
            },
        },
    ),
    "match.stalled": Telling(
        "{step} ran past its time. A coordinator was asked to look.",
        "Clock",
        {
            "step": {
                "peer_answer": "A peer's answer",
                "person_choice": "The person's choice",
                "taster": "The taster, or the answers after it,",
            }
        },
    ),
    "support.started": Telling("Support began, with an end date both agreed.", "Peer"),
    "meeting.planned": Telling("A meeting was planned, {mode}.", "Person and peer", {"mode": _MODES}),
    "contact.recorded": Telling(
        "{kind}, {mode}.",
        "Peer",
        {"kind": {"made": "They were in touch", "attempted": "One tried to reach the other"}, "mode": _MODES},
    ),
    "connection.moved": Telling(
        "A connection the person wants in their life moved on: {state}.",
        "Person and peer",
        {
            "state": {
                "found": "found",
                "tried": "tried",
                "going": "going",
                "going_without_peer": "going without the peer",
                "let_go": "let go",
            }
        },
    ),
    "support.paused": Telling(
        "Support rests for a while.",
        "{paused_by}",
        {"paused_by": {"person": "Person", "peer": "Peer", "network": "Network"}},
    ),
    "support.resumed": Telling("Support goes on.", "Person and peer"),
    "support.ended": Telling(
        "Support ended: {ending}.{wants_return}",
        "{agreed_by}",
        {
            "ending": {
                "planned": "as planned",
                "early_by_choice": "early, by choice",
                "moved_on": "the person moved on",
                "lost_touch": "they lost touch",
                "swap": "to try with another peer",
            },
            "agreed_by": {"both": "Person and peer", "person": "Person", "peer": "Peer", "network": "Network"},
            "wants_return": {True: " The person would like to come back.", False: ""},
        },
    ),
}


def details_of(name: str, given: Mapping[str, object]) -> dict[str, str | bool]:
    """What a timeline keeps of a fact: the codes its words need, with private reasons taken out.

    `given` is the fact's fields by name; `has_peer` says whether `peer_id` is there.
    """
    told = TELLINGS.get(name)
    kept: dict[str, str | bool] = {}
    for one in told.codes if told else ():
        value = given.get("peer_id") is not None if one == "has_peer" else given.get(one)
        if isinstance(value, str | bool):
            kept[one] = _NOT_TOLD.get(value, value) if isinstance(value, str) else value
    return kept


def tell(name: str, details: Details) -> tuple[str, str] | None:
    """A fact in words, and who did it; None for a fact that has no place on a timeline."""
    told = TELLINGS.get(name)
    if told is None:
        return None
    said = {code: known.get(details.get(code, ""), _plain(details.get(code))) for code, known in told.codes.items()}
    return _begun(told.words.format(**said)), told.who.format(**said)


def _plain(code: str | bool | None) -> str:
    return str(code).replace("_", " ") if isinstance(code, str) else ""


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]
