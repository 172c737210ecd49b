"""What every room is handed of the network: who may do what, what is sealed from whom, and who lets people in."""

from __future__ import annotations

from typing import Any

from contracts import addresses, classes, roles

# The room whose signals and keys say who may come in.
LETS_IN = "partners"


def network(room: str) -> dict[str, Any]:
    """What the composition root of a room hands on."""
    return {
        "rules": roles.RULES,
        "opens": classes.OPENS,
        "seals": classes.SEALS,
        "rooms": addresses.SERVICES,
        "navigation": addresses.NAVIGATION,
        "holds": roles.HOLDS,
        "must_not_wait": roles.MUST_NOT_WAIT,
        "lets_in": "" if room == LETS_IN else LETS_IN,
    }
