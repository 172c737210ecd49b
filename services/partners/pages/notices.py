"""Messages that did not arrive, for whoever sees to them; and the demo's outbox."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect

from chassis.errors import NotFound
from chassis.web import PUBLIC, door, here
from chassis.web.look import page
from services.partners import store
from services.partners.actions import accounts as of_accounts
from services.partners.actions import notices as actions
from services.partners.actions import reaching
from services.partners.domain import notices as rules
from services.partners.pages import organisations
from services.partners.schemas import notices as schemas
from services.partners.ways.wording import words

blueprint = Blueprint("notices_pages", __name__)
_OUTBOX_SHOWS = 50

# What became of it, and what to do: never what it was about, which is the reader's own business.
WHAT_NOW = {
    "not_known": ("There is no such account.", "Tell the administrator: something is not right here."),
    "account_closed": ("Their account is closed.", "See whether somebody else has their work in hand."),
    "no_address": ("We have no address for them.", "Ask them to sign in, and to fill in How we reach you."),
    "not_set_up": (
        "No way of sending is set up here.",
        "Ask the administrator to set up e-mail. Tell them to sign in.",
    ),
    "refused": ("Their address was refused.", "Tell them to sign in, and to look at the address in How we reach you."),
    "gave_up": (
        "It could not be sent for hours.",
        "Tell them to sign in. Ask the administrator about the mail server.",
    ),
    "unknown": ("We do not know whether it arrived.", "Ask them whether they have seen it. If not, they sign in."),
}


@blueprint.get("/partners/notices")
@door("notice.list")
def listed() -> Any:
    """What did not arrive, or nobody knows, and nobody has seen to."""
    with here().writing() as unit:
        rows = actions.for_somebody(unit)
        found = {row.recipient_id: of_accounts.account_if_there(unit, row.recipient_id) for row in rows}
        of_accounts.disclose_peers(unit, [account for account in found.values() if account])
    ring = here().vault.ring(account.called for account in found.values() if account)
    names = {id_: ring.open_text(account.called) for id_, account in found.items() if account}
    lines = [(row, names.get(row.recipient_id, "Somebody"), WHAT_NOW[row.code or row.state]) for row in rows]
    return page("partners/notices.jinja", title="Messages that did not arrive", lines=lines, how=rules.HOW_SETTLED,
        ways=schemas.CHANNEL_WORDS)  # fmt: skip


@blueprint.post("/partners/notices/<uuid:notice_id>/settlement")
@door("notice.settle")
def settle(notice_id: Any) -> Any:
    """Says what was done about one."""
    given = organisations.said(schemas.SettleSchema())
    with here().writing() as unit:
        actions.settle(unit, str(notice_id), given["how"])
    return redirect("/partners/notices", 303)


@blueprint.get("/outbox")
@door(PUBLIC)
def outbox() -> Any:
    """What this demo would have sent, newest first; outside a demo there is no such page."""
    if not here().settings.demo:
        raise NotFound()
    with here().reading(whole=True) as unit:
        rows = store.notices_newest(reaching.whole(unit), unit, _OUTBOX_SHOWS)
        known = [reaching.of(unit, row.recipient_id) for row in rows]
    ring = here().vault.ring(reaching.token_of(*pair) for pair in known)
    policy, origin = here().policy, here().settings.our_origin
    lines = []
    for row, pair in zip(rows, known, strict=True):
        reader = reaching.read(policy, *pair, ring, is_demo=True)
        channel = row.channel or next(iter(reader.reach.ways), rules.EMAIL)
        said = words(row.template, origin, is_discreet=reader.is_discreet)
        lines.append((row, reader.addresses.get(channel, "Nobody"), channel, said))
    return page("partners/outbox.jinja", title="What would have been sent", lines=lines, states=schemas.STATE_WORDS,
        ways=schemas.CHANNEL_WORDS)  # fmt: skip
