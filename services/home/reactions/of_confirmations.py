"""What takes two people brings to a list: whoever may be the second person confirms or refuses it, in time."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.confirmations import AT_PARTNERS, ConfirmationAsked, ConfirmationSettled
from contracts.roles import ADMINISTRATOR, NETWORK_LEAD, PARTNER_LEAD, PRIVACY_OFFICER
from services.home import store
from services.home.actions import hearing

_AT_REFERRALS, _AT_PARTNERS = "confirm_asking", "confirm_at_partners"
# Who may be the second person of what is asked in each room, anywhere in the network.
_SECONDS: Mapping[str, tuple[str, ...]] = {
    _AT_REFERRALS: (PRIVACY_OFFICER, NETWORK_LEAD),
    _AT_PARTNERS: (NETWORK_LEAD, ADMINISTRATOR),
}


def on_confirmation_asked(unit: Unit, fact: ConfirmationAsked) -> None:
    """Somebody else confirms or refuses it."""
    kind = _AT_PARTNERS if fact.kind in AT_PARTNERS else _AT_REFERRALS
    seconds: list[tuple[str, str | None]] = [(role, None) for role in _SECONDS[kind]]
    if fact.partner_id:
        seconds.append((PARTNER_LEAD, fact.partner_id))
    for role, partner_id in seconds:
        store.open_work(
            unit, kind, fact.asking_id, whose=role, role=role, partner_id=partner_id, since=fact.asked_at,
            due_at=fact.ends_at,
        )  # fmt: skip


def on_confirmation_settled(unit: Unit, fact: ConfirmationSettled) -> None:
    """It was settled, for everyone."""
    hearing.close(unit, fact.asking_id, *_SECONDS)


DOES: Mapping[type, Reaction] = {
    ConfirmationAsked: on_confirmation_asked,
    ConfirmationSettled: on_confirmation_settled,
}
