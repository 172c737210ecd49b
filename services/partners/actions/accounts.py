"""Accounts are asked for, opened by a second person, closed and opened again, and their owners invited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from chassis.errors import Invalid, NotFound
from chassis.once import Answer
from chassis.unit import Unit
from contracts import marks
from contracts.partners import AccountDisabled, AccountOpened, AccountRestored
from contracts.roles import PEER
from services.partners import store
from services.partners.actions import askings, proving, sessions
from services.partners.actions.organisations import as_kept, is_network, standing, stream, today
from services.partners.domain import accounts as rules
from services.partners.domain import askings as of_askings
from services.partners.domain import handover as of_handover
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
    name: str = "", postcode: str = "", words: str = "",
) -> None:  # fmt: skip
    """Opens an account at once, as a network begins; everywhere else one person asks and another confirms.

    Its arguments and refusals are those of `ask_to_open`.
    """
    token = _keep(unit, partner_id, account_id, called, roles, email, login, rules.ACTIVE)
    _state_opened(unit, partner_id, account_id, token, roles, _marks(unit, name, postcode))


def ask_to_open(
    unit: Unit, partner_id: str, account_id: str, called: str, roles: Sequence[str], email: str, login: str | None,
    name: str = "", postcode: str = "", words: str = "",
) -> Answer:  # fmt: skip
    """Asks that an account is opened at a partner; it opens when another person confirms it, and is nobody's before.

    Of `name` and `postcode` nothing is kept but marks, by which somebody too near to a record they open is known. The
    unit's ring holds the new account's keys of `CLASSES`, and that of marks. `login` is the keyed hash of `email`, both
    empty for somebody who does not sign in here. Refuses a role that whoever asks may not give, a suspended partner,
    one without an agreement in force, and an address somebody else has.
    """
    _keep(unit, partner_id, account_id, called, roles, email, login, rules.ASKED)
    details = {"roles": list(roles), "marks": _marks(unit, name, postcode)}
    asked = askings.ask(unit, of_askings.OPEN_ACCOUNT, partner_id, account_id, details, words)
    return Answer(202, as_kept(askings.as_shown(asked)), asked["asking_id"])


def _keep(
    unit: Unit, partner_id: str, account_id: str, called: str, roles: Sequence[str], email: str, login: str | None,
    state: str,
) -> str:  # fmt: skip
    row = store.partner(unit.scope, unit, partner_id)
    rules.check_may_open(standing(row), roles, is_network=is_network(unit), today=today(unit))
    token = unit.ring.seal(account_id, "called", called)
    contact = unit.ring.seal(account_id, "staff_contact", {"email": email}) if email else None
    if not store.add_account(
        unit, account_id=account_id, partner_id=partner_id, called=token, contact=contact, login=login,
        roles=list(roles), state=state, passes_from=0, opened_at=unit.now, opened_by=unit.who.id,
    ):  # fmt: skip
        raise LoginTaken()
    return token


def _marks(unit: Unit, name: str, postcode: str) -> dict[str, Any]:
    return dict(marks.marks_of(partial(unit.ring.mark, marks.OWNER, marks.CLASS), name, postcode)._asdict())


def _state_opened(
    unit: Unit, partner_id: str, account_id: str, called: str, roles: Sequence[str], of: Mapping[str, Any]
) -> None:
    fact = AccountOpened(
        account_id=account_id, partner_id=partner_id, called=called, roles=tuple(roles), opened_at=unit.now, **of
    )
    unit.state(account_stream(account_id), fact, requires=[unit.at(stream(partner_id))])
    unit.note("account.open", subject=account_id, record=account_id)


def open_asked(unit: Unit, asking: Any) -> None:
    """Opens the account that was asked for; whoever confirms it could have asked for it too."""
    row, roles = store.account(unit.scope, unit, asking.about_id), asking.details["roles"]
    partner = store.partner(unit.scope, unit, asking.partner_id)
    rules.check_may_open(standing(partner), roles, is_network=is_network(unit), today=today(unit))
    store.change_account(unit, row, state=rules.ACTIVE, opened_at=unit.now)
    _state_opened(unit, row.partner_id, row.account_id, row.called, roles, asking.details["marks"])


def drop_asked(unit: Unit, asking: Any) -> None:
    """Takes away the account that was asked for and is not opened: its address is free again."""
    store.drop_account(unit, asking.partner_id, asking.about_id)


def not_here() -> Any:
    """What is another's is as if it were not there."""
    raise NotFound()


def account_stream(account_id: str) -> str:
    """The stream of one account's facts."""
    return f"partners/account/{account_id}"


def disable(unit: Unit, account_id: str) -> None:
    """Closes an account: a brake in every room, and every session of it ends. Closing again changes nothing.

    Refuses (OwnsOpenWork) while they have worries, sessions or peers in hand: somebody takes those over first.
    """
    row = store.account(unit.scope, unit, account_id)
    rules.check_may_change(unit.who.id, account_id)
    if row.state == rules.ACTIVE:
        of_handover.check_may_leave(store.in_hand_of(unit.scope, unit, account_id))
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
        raise rules.AccountNotOpened() if row.state == rules.ASKED else rules.AccountClosed()
    unit.note("account.invite", subject=account_id, record=account_id)
    return proving.give_once(unit, proving.INVITATION, account_id, timedelta(days=unit.policy.invitation_days))


def account_if_there(unit: Unit, account_id: str) -> Any:
    """One account within reach, or None."""
    try:
        return store.account(unit.scope, unit, account_id)
    except NotFound:
        return None


def account_of(unit: Unit, account_id: str) -> Any:
    """One account within reach."""
    return store.account(unit.scope, unit, account_id)
