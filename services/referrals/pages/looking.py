"""Seeing referrals: all one may see, and one whole or as far as its sender may see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, request

from chassis.web import door, here
from chassis.web.look import page
from services.referrals import domain, store
from services.referrals.actions import changing, glass
from services.referrals.pages import wording

blueprint = Blueprint("referrals_looking_pages", __name__)
# What a referral says to keep everyone safe, among its notes.
_SAFETY = ("safety_note", "present_danger")
# Referrals one screen holds at most.
PAGE_SIZE = 50


@blueprint.get("/referrals")
@door("referral.read")
def listed() -> Any:
    """The referrals whoever asks may see; every person shown is one audit row."""
    state, asked = request.args.get("state", ""), request.args.get("page", "")
    if state not in domain.STAGES:
        state = ""
    with here().writing() as unit:
        changing.heed_suspension(unit)
        counts = store.count_by_state(unit.scope, unit)
        last = max(1, -(-(counts.get(state, 0) if state else sum(counts.values())) // PAGE_SIZE))
        number = min(int(asked), last) if asked.isascii() and asked.isdigit() and 1 <= len(asked) <= 6 else 1
        number = max(1, number)
        rows = store.referrals_listed(unit.scope, unit, state=state, size=PAGE_SIZE, page=number)
        partners = store.partner_names(unit.scope, unit)
        for row in rows:
            unit.disclose(row.person_id, record=row.referral_id, is_opened=False)
        now, is_network = unit.now, unit.scope.reach == "network"
        mine = glass.relations(unit, [row.person_id for row in rows if row.is_protected])
    named = {row.referral_id for row in rows if is_named(row) and (not is_network or is_seen(row, mine))}
    ring = here().vault.ring(row.called for row in rows if row.referral_id in named)
    shown = [(row, ring.open_text(row.called) if row.referral_id in named else "", _is_late(row, now)) for row in rows]
    title = f"Referrals (page {number} of {last})" if last > 1 else "Referrals"
    return page(
        "referrals/list.jinja", title=title, shown=shown, counts=counts, state=state, stages=domain.STAGES,
        partners=partners, is_network=is_network, number=number, last=last,
    )  # fmt: skip


def is_named(row: Any) -> bool:
    """Whether the person's name is shown at all: not after they took their consent back."""
    return bool(row.consent_state == domain.GIVEN)


def is_seen(row: Any, mine: Mapping[str, frozenset[str]]) -> bool:
    """Whether somebody who reaches the network is shown who it is: of somebody protected, if they work with them."""
    return not row.is_protected or bool(mine.get(row.person_id))


def _is_late(row: Any, now: datetime) -> bool:
    return domain.is_late(row.reply_due_at, row.decision_due_at, now)


@blueprint.get("/referrals/<uuid:referral_id>")
@door("referral.read")
def shown(referral_id: Any) -> Any:
    """One referral. A coordinator sees all of it; the partner that sent it sees where it stands."""
    return show(str(referral_id))


def show(referral_id: str, status: int = 200, faults: dict[str, str] | None = None) -> Any:
    """One referral as a page, with what is wrong when something was refused on it."""
    with here().writing() as unit:
        changing.heed_suspension(unit)
        row = store.referral(unit.scope, unit, referral_id)
        partners = store.partner_names(unit.scope, unit)
        is_network, now = unit.scope.reach == "network", unit.now
        link = store.link_of(unit.scope, unit, row.person_id)
        sight = glass.sight_of(unit, row)
        glass.show(unit, sight, row.person_id, referral_id)
    is_open = sight.whole or not is_network
    parts = ("contact", "notes", "needs") if is_network and is_named(row) else ()
    ring = here().vault.ring([row.called, *(getattr(row, name) for name in parts)])
    opened = {name: ring.open(getattr(row, name)) for name in parts}
    has_safety = bool(opened.get("notes")) and any(opened["notes"].get(name) for name in _SAFETY)
    return page(
        "referrals/one.jinja", title=f"Referral {row.reference}", status=status, row=row, sight=sight,
        called=ring.open_text(row.called) if is_named(row) and is_open else "Not shown", is_network=is_network,
        opened=opened if is_open else {}, has_safety=has_safety, late=_is_late(row, now), partners=partners,
        missing=wording.missing(row.incomplete), stages=domain.STAGES, may_move=domain.may_move, lists=wording.LISTS,
        words=wording.words, reasons=wording.REASONS, decided_by=wording.DECIDED_BY, form=request.form,
        faults=faults or {}, private_link=link,
    )  # fmt: skip
