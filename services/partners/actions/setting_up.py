"""A network begins: its first organisation, and the two people who let everybody else in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from chassis.errors import Conflict
from chassis.unit import Unit
from services.partners import store
from services.partners.actions import accounts, organisations, proving
from services.partners.actions.accounts import CLASSES
from services.partners.actions.signing_in import settled_email

__all__ = ["CLASSES", "begin"]
# Whom an account is for: its id, and what schemas.OpenSchema loaded.
Wanted = tuple[str, Mapping[str, Any]]


class BegunBefore(Conflict):
    """A network is begun once; whoever is in it lets others in."""

    says = (
        "This network was begun before. Its network lead opens accounts; an invitation lost is made anew on the pages."
    )


class SamePerson(Conflict):
    """What one asks for another confirms, so a network begins with two people."""

    says = "The network lead and the administrator are two people with two e-mail addresses."


def begin(
    unit: Unit, joins: Mapping[str, Any], wanted: Sequence[Wanted], lasts: timedelta, name_login: Callable[[str], str]
) -> list[tuple[str, str]]:
    """Takes the organisation in, opens the accounts and gives each name with its invitation; the ring holds their keys.

    `joins` is what schemas.JoinSchema loaded; `name_login` gives the keyed hash of an e-mail address. Refuses a network
    that has an organisation, one e-mail address for both, and what the doors would refuse.
    """
    if store.partners_listed(unit.scope, unit):
        raise BegunBefore()
    if len({settled_email(asked["email"]) for _, asked in wanted}) < len(wanted):
        raise SamePerson()
    partner_id = organisations.join_network(unit, joins).record or ""
    given = []
    for account_id, asked in wanted:
        login = name_login(settled_email(asked["email"]))
        accounts.open_account(unit, partner_id, account_id, **asked, login=login)
        given.append((str(asked["called"]), proving.give_once(unit, proving.INVITATION, account_id, lasts)))
    return given
