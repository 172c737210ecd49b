"""The rules of accounts: who may give which role to whom, and what closes an account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chassis.errors import Conflict, Invalid, NotAllowed

from .organisations import SUSPENDED, AgreementEnded, Partner, PartnerSuspended

ACTIVE, DISABLED = "active", "disabled"
# What a partner may let its own people do; every other role reaches beyond one partner.
GIVEN_BY_PARTNERS = frozenset({"referrer", "partner_lead", "peer", "supervisor"})
# Every role a human being who works in the network may have. The person supported and systems have no account here.
STAFF = GIVEN_BY_PARTNERS | {
    "coordinator",
    "safeguarding_lead",
    "commissioner",
    "network_lead",
    "privacy_officer",
    "administrator",
}


class RoleReachesBeyondPartner(NotAllowed):
    """A partner lead gives roles that stay inside their own partner."""

    says = "You may give the roles referrer, partner lead, peer and supervisor. Ask the network lead for other roles."


class NotAStaffRole(Invalid):
    """People who are supported, and systems, come in by other doors than an account."""

    where = "roles"
    says = "People who are supported, and systems, do not get an account here. Choose what someone who works here does."


class OwnAccount(NotAllowed):
    """Nobody closes or changes their own account; somebody else does, so that it is never done unseen."""

    says = "This is your own account. Ask another person to change it."


class AccountClosed(Conflict):
    """A closed account takes no more roles and no invitation."""

    says = "This account is closed. Open it again first."


def check_may_open(partner: Partner, roles: Iterable[str], *, is_network: bool, today: date) -> None:
    """Refuses an account that may not be opened: by whom is it given, which roles, and how the partner stands.

    `is_network` says that whoever opens it acts for the network and not for this one partner.
    """
    wanted = frozenset(roles)
    if wanted - STAFF:
        raise NotAStaffRole()
    if not is_network and wanted - GIVEN_BY_PARTNERS:
        raise RoleReachesBeyondPartner()
    if partner.state == SUSPENDED:
        raise PartnerSuspended()
    if not partner.is_covered(today):
        raise AgreementEnded()


def check_may_change(who_id: str, account_id: str) -> None:
    """Refuses somebody who would change their own account."""
    if who_id == account_id:
        raise OwnAccount()
