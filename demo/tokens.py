"""One API key for each made-up partner's own system, the same at every start; in demo mode only."""

from __future__ import annotations

from typing import Any

from chassis.house import House
from chassis.settings import Settings, secret_from


def partner_keys(house: House, settings: Settings) -> list[tuple[str, str]]:
    """Gives each partner's name and the API key of its system, by name; every room knows the key passes are signed by.

    The keys come from a secret of the data folder, and the house keeps no more of them than of any other.
    """
    partners: Any = house.services["partners"]
    found: list[tuple[str, str]] = partners.app.extensions["made_up_systems"](secret_from(settings.data / "demo.key"))
    house.pump()
    return found
