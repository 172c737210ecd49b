"""JSON in and out of the referrals room."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from flask import g, request

from chassis.once import Answer, answered_once
from chassis.web import ApiBlueprint, door, here
from chassis.web.api import ProblemSchema, body_of, idempotency_key

from . import domain, schemas, store
from .actions import changing, deciding, forgetting, links, protecting, receiving, searching, two_people
from .domain.two_people import FORGETTING
from .schemas import (
    BirthDateSchema,
    ConfirmationSchema,
    DeclineSchema,
    ForgettingSchema,
    LinkSchema,
    PageQuery,
    ReceiptSchema,
    ReferralRowSchema,
    ReferralSchema,
    SearchSchema,
    WordSchema,
)

# Referrals a page of the API holds at most.
PAGE_SIZE = 200

blueprint = ApiBlueprint(
    "referrals", __name__, url_prefix="/api/v1/referrals", description="Referrals from partner organisations"
)


def receive(door_name: str, key: str, raw: bytes, sent: Any) -> Answer:
    """Takes in a referral sent by any door, once per key: the same key and body give the first answer again.

    `raw` is the body as it came, `sent` the referral in it. Refuses with every fault at once.
    """
    house = here()
    asker = g.who.partner_id or g.who.id
    are_allowed = house.settings.test_numbers or house.settings.demo
    arrival = receiving.Arrival(door_name, raw, are_allowed, house.ids.named("sending", door_name, asker, key))
    with house.reading() as unit:
        changing.heed_suspension(unit)
        today = changing.today(unit)
    asked = schemas.read_referral(sent, today=today, test_numbers_allowed=arrival.test_numbers_allowed)
    person_id = house.ids.new()
    return answered_once(
        house,
        door=door_name,
        asker=asker,
        key=key,
        body=raw,
        keys=partial(receiving.new_keys, house, person_id),
        work=partial(receiving.receive_referral, person_id=person_id, asked=asked, arrival=arrival),
    )


def row_answer(row: Any) -> dict[str, Any]:
    """A referral as the API gives it: where it stands, and no name."""
    return {
        "referral_id": row.referral_id,
        "reference": row.reference,
        "state": row.state,
        "stage": domain.STAGES[row.state],
        "received_at": row.received_at,
        "reply_due_at": row.reply_due_at,
        "incomplete": row.incomplete,
        "partner_id": row.partner_id,
        "door": row.door,
        "person_id": row.person_id,
    }


@blueprint.post("")
@door("referral.send")
@blueprint.doc(requestBody={"required": True, "content": {"application/json": {"schema": ReferralSchema}}})
@blueprint.response(201, ReceiptSchema)
@blueprint.alt_response(422, schema=ProblemSchema, content_type="application/problem+json")
def send() -> Any:
    """Send a referral. `Idempotency-Key` is required: send the same key again and the first answer comes back."""
    answer = receive("api", idempotency_key(), request.get_data(), body_of(request))
    return _moments(answer.body), 201, {"Location": f"/api/v1/referrals/{answer.record}"}


def _moments(receipt: dict[str, Any]) -> dict[str, Any]:
    known = {name: receipt[name] for name in ("received_at", "reply_due_at") if receipt[name]}
    return {**receipt, **{name: datetime.fromisoformat(text) for name, text in known.items()}}


@blueprint.get("")
@door("referral.read")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ReferralRowSchema(many=True))
def listed(query: dict[str, Any]) -> Any:
    """The referrals you may see, newest first, 200 a page; a page with fewer is the last. Each is one audit row."""
    with here().writing() as unit:
        changing.heed_suspension(unit)
        rows = store.referrals_listed(unit.scope, unit, size=PAGE_SIZE, **query)
        for row in rows:
            unit.disclose(row.person_id, record=row.referral_id, is_opened=False)
        return [row_answer(row) for row in rows]


@blueprint.post("/search")
@door("referral.search")
@blueprint.arguments(SearchSchema)
@blueprint.response(200, ReferralRowSchema(many=True))
@blueprint.alt_response(422, schema=ProblemSchema, content_type="application/problem+json")
def search(given: dict[str, Any]) -> Any:
    """Find a person by their NHS number, or phone number, or surname and postcode, exactly. Each is one audit row."""
    with here().writing(searching.mark_keys(here())) as unit:
        return [row_answer(row) for row in searching.search(unit, given)]


@blueprint.get("/<uuid:referral_id>")
@door("referral.read")
@blueprint.response(200, ReferralRowSchema)
def shown(referral_id: Any) -> Any:
    """One referral: where it stands."""
    with here().writing() as unit:
        changing.heed_suspension(unit)
        row = store.referral(unit.scope, unit, str(referral_id))
        unit.disclose(row.person_id, record=row.referral_id)
        return row_answer(row)


@blueprint.post("/<uuid:referral_id>/acknowledgement")
@door("referral.decide")
@blueprint.response(200, ReferralRowSchema)
def acknowledge(referral_id: Any) -> Any:
    """Say that a human being has opened the referral."""
    with here().writing() as unit:
        deciding.acknowledge_referral(unit, str(referral_id))
        return row_answer(store.referral(unit.scope, unit, str(referral_id)))


@blueprint.post("/<uuid:referral_id>/acceptance")
@door("referral.decide")
@blueprint.response(200, ReferralRowSchema)
def accept(referral_id: Any) -> Any:
    """Accept the referral: the person waits for a match."""
    with here().writing(contact_ring(str(referral_id))) as unit:
        deciding.accept_referral(unit, str(referral_id))
        return row_answer(store.referral(unit.scope, unit, str(referral_id)))


@blueprint.post("/<uuid:referral_id>/decline")
@door("referral.decide")
@blueprint.arguments(DeclineSchema)
@blueprint.response(200, ReferralRowSchema)
def decline(given: dict[str, str], referral_id: Any) -> Any:
    """Say that the referral will not go on, by whom and why."""
    with here().writing() as unit:
        deciding.decline_referral(unit, str(referral_id), **given)
        return row_answer(store.referral(unit.scope, unit, str(referral_id)))


@blueprint.put("/<uuid:referral_id>/birth-date")
@door("referral.decide")
@blueprint.arguments(BirthDateSchema)
@blueprint.response(200, ReferralRowSchema)
def birth_date(given: dict[str, Any], referral_id: Any) -> Any:
    """Add the date of birth a referral came without."""
    with here().writing(sealing_ring(str(referral_id))) as unit:
        deciding.add_birth_date(unit, str(referral_id), given["birth_date"])
        return row_answer(store.referral(unit.scope, unit, str(referral_id)))


@blueprint.post("/people/<uuid:person_id>/consent-withdrawal")
@door("consent.withdraw")
@blueprint.response(204)
def withdraw(person_id: Any) -> None:
    """Take a person's consent back; nothing more of theirs flows."""
    with here().writing() as unit:
        protecting.withdraw_consent(unit, str(person_id))


@blueprint.post("/people/<uuid:person_id>/protection")
@door("person.protect")
@blueprint.response(204)
def protect(person_id: Any) -> None:
    """Protect a person from being found."""
    with here().writing() as unit:
        protecting.protect_person(unit, str(person_id))


@blueprint.post("/people/<uuid:person_id>/forgetting")
@door("person.forget")
@blueprint.arguments(ForgettingSchema)
@blueprint.response(202, ConfirmationSchema)
@blueprint.alt_response(204, description="They are forgotten already.")
def forget(given: dict[str, str], person_id: Any) -> Any:
    """Ask that a person is forgotten for good; another person confirms it. Asking again changes nothing."""
    with here().writing() as unit:
        asked = two_people.ask(unit, FORGETTING, str(person_id), given["reason"])
    if asked is None:
        forgetting.destroy_keys(here())
        return "", 204
    return asked_answer(asked)


def asked_answer(row: Any) -> dict[str, Any]:
    """An asking as it is given: what is asked, why, and until when it waits."""
    names = ("asking_id", "what", "asked_at", "ends_at", "state")
    return {**{name: row[name] for name in names}, "person_id": row["about_id"], "reason": row["details"]["reason"]}


@blueprint.get("/confirmations")
@door("confirmation.list")
@blueprint.response(200, ConfirmationSchema(many=True))
def confirmations() -> Any:
    """What waits for a second person, the oldest first."""
    with here().writing() as unit:
        rows = two_people.listed(unit)
        for row in rows:
            unit.disclose(row.about_id, record=row.asking_id, is_opened=False)
        return [asked_answer(row._mapping) for row in rows]


@blueprint.post("/confirmations/<uuid:asking_id>/confirmation")
@door("confirmation.settle")
@blueprint.response(204)
def confirm(asking_id: Any) -> None:
    """Confirm what somebody else asked, and it is done. Of who is forgotten nothing opens again; counts stay."""
    with here().writing() as unit:
        two_people.confirm(unit, str(asking_id))
    forgetting.destroy_keys(here())


@blueprint.post("/confirmations/<uuid:asking_id>/refusal")
@door("confirmation.settle")
@blueprint.response(204)
def refuse(asking_id: Any) -> None:
    """Refuse what somebody else asked: nothing of it is done."""
    with here().writing() as unit:
        two_people.refuse(unit, str(asking_id))


@blueprint.delete("/people/<uuid:person_id>/protection")
@door("person.protect")
@blueprint.response(204)
def unprotect(person_id: Any) -> None:
    """Lift a person's protection."""
    with here().writing() as unit:
        protecting.lift_protection(unit, str(person_id))


@blueprint.post("/people/<uuid:person_id>/link")
@door("link.mint")
@blueprint.response(201, LinkSchema)
def mint(person_id: Any) -> Any:
    """Make a person's private link, given here once; the one before works no more, and asking again makes another.

    Hand it over in the way that is safe for them.
    """
    return mint_link(str(person_id))


@blueprint.delete("/people/<uuid:person_id>/link")
@door("link.revoke")
@blueprint.response(204)
def revoke(person_id: Any) -> None:
    """Take a person's private link back. Whoever came in by it is out within seconds."""
    with here().writing() as unit:
        links.revoke(unit, str(person_id))


@blueprint.put("/people/<uuid:person_id>/word")
@door("word.choose")
@blueprint.arguments(WordSchema)
@blueprint.response(204)
def choose_word(given: dict[str, str], person_id: Any) -> None:
    """Have a person's private link ask for the word they chose. It is kept as a keyed hash and never given again."""
    choose_word_of(str(person_id), given["word"])


def mint_link(person_id: str) -> dict[str, Any]:
    """Makes a private link; the answer is kept nowhere, so no key can ask for it a second time."""
    with here().writing() as unit:
        token = links.mint(unit, person_id)
        row = store.link_of(unit.scope, unit, person_id)
        has_word = store.person(unit.scope, unit, person_id).word_chosen_at is not None
    address = links.address_of(here().settings.our_origin, token)
    return {"link": address, "ends_at": row.ends_at, "asks_for_word": has_word}


def choose_word_of(person_id: str, word: str) -> None:
    """Keeps a person's word, with keys fetched before the transaction writes."""
    with here().reading() as unit:
        contact = store.person(unit.scope, unit, person_id).contact
    with here().writing(links.word_ring(here(), person_id, contact)) as unit:
        links.choose_word(unit, person_id, word)


def contact_ring(referral_id: str) -> Any:
    """The keys that open a referral's contact card, fetched before any transaction writes."""
    with here().reading() as unit:
        row = store.referral(unit.scope, unit, referral_id)
    return here().vault.ring([row.contact])


def sealing_ring(referral_id: str) -> Any:
    """The keys that open and seal a referral's contact card and needs."""
    with here().reading() as unit:
        row = store.referral(unit.scope, unit, referral_id)
    return here().vault.make(row.person_id, ("contact", "needs"))
