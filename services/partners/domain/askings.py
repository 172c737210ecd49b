"""What two people do in this room: one asks, another settles (chassis/second.py)."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.errors import Conflict

from .accounts import GIVEN_BY_PARTNERS

# What can be asked. Each is done, or let go, by its own action (actions/settling.py).
OPEN_ACCOUNT, GRANT_ROLE, RESET_FACTOR = "open_account", "grant_role", "reset_factor"
REGISTER_SYSTEM, ADD_KEYS, ADD_API_KEY = "register_system", "add_keys", "add_api_key"
OF_SYSTEMS = (REGISTER_SYSTEM, ADD_KEYS, ADD_API_KEY)
KINDS = (OPEN_ACCOUNT, GRANT_ROLE, RESET_FACTOR, *OF_SYSTEMS)


class KeyOfAnother(Conflict):
    """An API key is seen by whoever asked for it, and by nobody else."""

    says = "Somebody else asked for this key, and it is shown to them alone. Ask for a key of your own."


class KeyFetched(Conflict):
    """An API key is shown once."""

    says = (
        "This key was made and shown already. If it is lost, revoke it on the page of its system and ask for another."
    )


def may_lead_settle(roles: Iterable[str]) -> bool:
    """Whether a lead of the partner may be the second person: what is asked gives no role that reaches beyond it."""
    return set(roles) <= GIVEN_BY_PARTNERS
