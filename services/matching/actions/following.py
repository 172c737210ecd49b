"""How matching follows a referral and a support: who waits from when, and when a place is free again."""

from __future__ import annotations

from chassis.access import service_scope
from chassis.errors import NotFound
from chassis.unit import Unit
from contracts.referrals import ReferralAccepted
from services.matching import store
from services.matching.actions import releasing
from services.matching.domain import moves


def start_waiting(unit: Unit, fact: ReferralAccepted) -> None:
    """Keeps an accepted referral as a person who waits, once; the needs stay sealed."""
    is_gone = bool(unit.braked(fact.person_id) & moves.GONE_FOR_GOOD)
    row = {
        "referral_id": fact.referral_id,
        "person_id": fact.person_id,
        "partner_id": fact.partner_id,
        "called": fact.called,
        "needs": fact.needs,
        "safety": fact.safety,
        "received_at": fact.received_at,
        "accepted_at": fact.accepted_at,
        "state": moves.GONE if is_gone else moves.WAITING,
    }
    store.add_once(unit, store.waits, row)


def stop_waiting(unit: Unit, referral_id: str, code: str) -> None:
    """Lets go what is offered for a referral and takes the person off the board."""
    releasing.let_go_of_referral(unit, referral_id, code, moves.GONE)
    releasing.let_agreed_go(unit, referral_id, code)
    store.change_waiting(unit, referral_id, [moves.WAITING, moves.OFFERED, moves.MATCHED], state=moves.GONE)


def follow_support(unit: Unit, match_id: str) -> None:
    """Marks an agreed match as support under way; the place stays used."""
    store.change_match(unit, match_id, moves.AGREED, state=moves.SUPPORTED)


def end_support(unit: Unit, match_id: str, referral_id: str, ending: str, *, wants_return: bool) -> None:
    """Frees the peer's place; a person who wants to come back waits again with their first day kept.

    After a swap the same peer is not offered to them again by itself.
    """
    whole = service_scope(unit.service)
    try:
        row = store.match(whole, unit, match_id, to_change=True)
    except NotFound:
        return
    code = "swap" if ending == "swap" else "ended"
    store.change_match(unit, match_id, row.state, state=moves.ENDED, ended_at=unit.now, code=code)
    store.change_option(unit, match_id, row.chosen_peer_id or "", [moves.CHOSEN], state=moves.ENDED, code=code)
    stays = wants_return and not unit.braked(row.person_id) & moves.GONE_FOR_GOOD
    then = moves.WAITING if stays else moves.GONE
    store.change_waiting(unit, referral_id, [moves.MATCHED], state=then)
