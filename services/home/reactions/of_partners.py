"""What partners and their accounts bring to a list: a peer to welcome, questions to answer, an agreement to renew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from chassis.entry import learn_key
from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.partners import (
    AccountOpened,
    AgreementSigned,
    ConductAccepted,
    ConductPublished,
    KeyPublished,
    PartnerJoined,
    RoleEnded,
    RoleGranted,
    SetupAnswered,
    SetupAsked,
)
from contracts.roles import NETWORK_LEAD, PARTNER_LEAD, PEER, SUPERVISOR
from services.home import store
from services.home.actions import hearing


def on_partner_joined(unit: Unit, fact: PartnerJoined) -> None:
    """Keeps what the partner is called."""
    store.keep_partner(unit, partner_id=fact.partner_id, name=fact.name, kind=fact.kind)


def on_agreement_signed(unit: Unit, fact: AgreementSigned) -> None:
    """The network lead renews it before it ends; the newest agreement counts."""
    ends_at = hearing.end_of(fact.ends_on)
    store.renew_work(
        unit, "renew_agreement", fact.partner_id, role=NETWORK_LEAD, since=hearing.stated_at(unit), due_at=ends_at,
        from_at=ends_at - timedelta(days=unit.policy.agreement_notice_days),
    )  # fmt: skip


def on_account_opened(unit: Unit, fact: AccountOpened) -> None:
    """Keeps what they want to be called; a new peer is welcomed by the lead of their partner."""
    store.keep_name(
        unit, id=fact.account_id, kind="account", called=fact.called, partner_id=fact.partner_id,
        roles=list(fact.roles), since=fact.opened_at,
    )  # fmt: skip
    _ask_for_conduct(unit, fact.account_id, fact.roles, _newest_conduct(unit))
    if PEER in fact.roles:
        store.open_work(
            unit, "welcome_peer", fact.account_id, role=PARTNER_LEAD, partner_id=fact.partner_id,
            about_id=fact.account_id, since=fact.opened_at,
        )  # fmt: skip


def on_role_granted(unit: Unit, fact: RoleGranted) -> None:
    """Keeps what they hold now; somebody who became a peer is welcomed by the lead of their partner."""
    store.keep_roles(unit, fact.account_id, fact.roles)
    _ask_for_conduct(unit, fact.account_id, [fact.role], _newest_conduct(unit))
    if fact.role == PEER:
        store.open_work(
            unit, "welcome_peer", fact.account_id, role=PARTNER_LEAD, partner_id=fact.partner_id,
            about_id=fact.account_id, since=fact.granted_at,
        )  # fmt: skip


def on_role_ended(unit: Unit, fact: RoleEnded) -> None:
    """Keeps what they hold now."""
    store.keep_roles(unit, fact.account_id, fact.roles)


def on_setup_asked(unit: Unit, fact: SetupAsked) -> None:
    """The lead of the partner answers before its first referral."""
    store.open_work(
        unit, "answer_setup", fact.partner_id, role=PARTNER_LEAD, partner_id=fact.partner_id,
        since=hearing.stated_at(unit),
    )  # fmt: skip


def on_setup_answered(unit: Unit, fact: SetupAnswered) -> None:
    """It is answered."""
    hearing.close_one(unit, "answer_setup", fact.partner_id)


def on_conduct_published(unit: Unit, fact: ConductPublished) -> None:
    """Peers and supervisors read the newest version; the one before needs no answer any more."""
    for row in store.accounts(unit.scope, unit):
        _ask_for_conduct(unit, row.id, row.roles, fact.version)
        hearing.close_one(unit, "accept_conduct", row.id, str(fact.version - 1))


def on_conduct_accepted(unit: Unit, fact: ConductAccepted) -> None:
    """They said yes."""
    hearing.close_one(unit, "accept_conduct", fact.account_id, str(fact.version), ahead=True)


def _newest_conduct(unit: Unit) -> int:
    """The version in force: they are numbered from 1, and each is published once."""
    return store.count_of(unit.scope, unit, "conduct.published.v1")


def _ask_for_conduct(unit: Unit, account_id: str, roles: Iterable[str], version: int) -> None:
    if version and {PEER, SUPERVISOR} & set(roles):
        store.open_work(
            unit, "accept_conduct", account_id, whose=str(version), who_id=account_id, since=hearing.stated_at(unit)
        )


DOES: Mapping[type, Reaction] = {
    KeyPublished: learn_key,
    PartnerJoined: on_partner_joined,
    AgreementSigned: on_agreement_signed,
    AccountOpened: on_account_opened,
    RoleGranted: on_role_granted,
    RoleEnded: on_role_ended,
    SetupAsked: on_setup_asked,
    SetupAnswered: on_setup_answered,
    ConductPublished: on_conduct_published,
    ConductAccepted: on_conduct_accepted,
}
