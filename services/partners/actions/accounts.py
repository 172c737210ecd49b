"""Accounts are opened, closed and opened again, and their owners invited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from chassis.errors import Invalid
from chassis.once import Answer
from chassis.unit import Unit
from contracts import marks
from contracts.partners import AccountDisabled, AccountOpened, AccountRestored
from contracts.roles import PEER
from services.partners import store
from services.partners.actions import proving, sessions
from services.partners.actions.organisations import as_kept, is_network, standing, stream, today
from services.partners.domain import accounts as rules
from services.partners.domain import sessions as of_sessions

# What is sealed of whoever gets an account: how they are called, and where they are written to.
CLASSES = ("called", "staff_contact")


class LoginTaken(Invalid):
    """One e-mail address signs one human being in."""

    where = "email"
    says = "Somebody signs in with this e-mail address already. Use another one."


def disclose_peers(unit: Unit, accounts: Iterable[Any]) -> None:
    """Puts on record that the peers among some accounts are shown in a list."""
    for row in accounts:
        if PEER in row.roles:
            unit.disclose(row.account_id, record=row.account_id, kind="peer", is_opened=False)


def open_account(
    unit: Unit, partner_id: str, account_id: str, called: str, roles: Sequence[str], email: str, login: str | None,
    name: str = "", postcode: str = "",
) -> Answer:  # fmt: skip
    """Opens an account at a partner; the unit's ring holds the new account's keys of `CLASSES`, and that of marks.

    Of `name` and `postcode` nothing is kept but marks, by which somebody too near to a record they open is known.

    `login` is the keyed hash of `email`, both empty for somebody who does not sign in here. Refuses a role that whoever
    opens it may not give, a suspended partner, one whose agreement has ended, and an address somebody else has.
    """
    row = store.partner(unit.scope, unit, partner_id)
    rules.check_may_open(standing(row), roles, is_network=is_network(unit), today=today(unit))
    token = unit.ring.seal(account_id, "called", called)
    contact = unit.ring.seal(account_id, "staff_contact", {"email": email}) if email else None
    if not store.add_account(
        unit, account_id=account_id, partner_id=partner_id, called=token, contact=contact, login=login,
        roles=list(roles), state=rules.ACTIVE, passes_from=0, opened_at=unit.now, opened_by=unit.who.id,
    ):  # fmt: skip
        raise LoginTaken()
    fact = AccountOpened(
        account_id=account_id, partner_id=partner_id, called=token, roles=tuple(roles), opened_at=unit.now,
        **marks.marks_of(partial(unit.ring.mark, marks.OWNER, marks.CLASS), name, postcode)._asdict(),
    )  # fmt: skip
    unit.state(account_stream(account_id), fact, requires=[unit.at(stream(partner_id))])
    unit.note("account.open", subject=account_id, record=account_id)
    answer = {"account_id": account_id, "partner_id": partner_id, "roles": list(roles), "opened_at": unit.now}
    return Answer(201, as_kept(answer), account_id)


def account_stream(account_id: str) -> str:
    """The stream of one account's facts."""
    return f"partners/account/{account_id}"


def disable(unit: Unit, account_id: str) -> None:
    """Closes an account: a brake in every room, and every session of it ends. Closing again changes nothing."""
    row = store.account(unit.scope, unit, account_id)
    rules.check_may_change(unit.who.id, account_id)
    if row.state == rules.ACTIVE and store.change_account(unit, row, state=rules.DISABLED):
        unit.state(account_stream(account_id), AccountDisabled(account_id=account_id, disabled_at=unit.now))
        sessions.end_all(unit, account_id, of_sessions.ACCOUNT)
        store.end_once_only(unit, account_id, proving.INVITATION)
        unit.note("account.disable", subject=account_id, record=account_id)


def restore(unit: Unit, account_id: str) -> None:
    """Opens a closed account again. Opening again changes nothing."""
    row = store.account(unit.scope, unit, account_id)
    rules.check_may_change(unit.who.id, account_id)
    if row.state == rules.DISABLED and store.change_account(unit, row, state=rules.ACTIVE):
        unit.state(account_stream(account_id), AccountRestored(account_id=account_id, restored_at=unit.now))
        unit.note("account.restore", subject=account_id, record=account_id)


def invite(unit: Unit, account_id: str) -> str:
    """A link good once by which somebody chooses their password; those sent before are good no more."""
    row = store.account(unit.scope, unit, account_id)
    if row.state != rules.ACTIVE:
        raise rules.AccountClosed()
    unit.note("account.invite", subject=account_id, record=account_id)
    return proving.give_once(unit, proving.INVITATION, account_id, timedelta(days=unit.policy.invitation_days))


def account_of(unit: Unit, account_id: str) -> Any:
    """One account within reach."""
    return store.account(unit.scope, unit, account_id)
