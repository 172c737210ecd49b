"""The rules of accounts: who may give which role to whom, and what closes an account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chassis.errors import Conflict, Invalid, NotAllowed

from .organisations import SUSPENDED, AgreementEnded, Partner, PartnerSuspended

# Asked: one person wants it opened, and another has not confirmed it yet.
ASKED, ACTIVE, DISABLED = "asked", "active", "disabled"
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


class AccountNotOpened(Conflict):
    """An account that is only asked for lets nobody in."""

    says = "This account is asked for and not open yet. Another person confirms it first."


class RoleHeld(Conflict):
    """They have this role already."""

    says = "They have this role already. Choose another one."


class RoleNotHeld(Conflict):
    """They do not have this role."""

    says = "They do not have this role, or it ended already."


class LastRole(Conflict):
    """An account with no role does nothing."""

    says = "This is their only role. Close the account instead, or give them another role first."


def check_roles(roles: Iterable[str], *, is_network: bool) -> None:
    """Refuses roles nobody here has, and those that one may not give who acts for one partner."""
    wanted = frozenset(roles)
    if wanted - STAFF:
        raise NotAStaffRole()
    if not is_network and wanted - GIVEN_BY_PARTNERS:
        raise RoleReachesBeyondPartner()


def check_may_open(partner: Partner, roles: Iterable[str], *, is_network: bool, today: date) -> None:
    """Refuses an account that may not be opened: by whom is it given, which roles, and how the partner stands.

    `is_network` says that whoever opens it acts for the network and not for this one partner.
    """
    check_roles(roles, is_network=is_network)
    if partner.state == SUSPENDED:
        raise PartnerSuspended()
    if not partner.is_covered(today):
        raise AgreementEnded()


def roles_with(state: str, held: Iterable[str], role: str) -> tuple[str, ...]:
    """The roles somebody holds once they have one more; refuses a closed account and a role they hold already."""
    if state != ACTIVE:
        raise AccountNotOpened() if state == ASKED else AccountClosed()
    if role in held:
        raise RoleHeld()
    return (*held, role)


def roles_without(held: Iterable[str], role: str) -> tuple[str, ...]:
    """The roles somebody keeps once one ended; refuses one they do not hold, and to leave them with none."""
    if role not in held:
        raise RoleNotHeld()
    kept = tuple(one for one in held if one != role)
    if not kept:
        raise LastRole()
    return kept


def check_may_change(who_id: str, account_id: str) -> None:
    """Refuses somebody who would change their own account."""
    if who_id == account_id:
        raise OwnAccount()
