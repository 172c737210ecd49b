"""One pass for each made-up partner's own system at the API and the FHIR door; in demo mode only."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from chassis.access import Principal
from chassis.house import House
from contracts import roles


def partner_tokens(house: House) -> list[tuple[str, str]]:
    """Gives each partner's name and a pass of ten minutes, by name."""
    partners: Any = house.services["partners"]
    minter = partners.app.extensions["minter"]
    looking = Principal("account", "demo", None, frozenset({roles.NETWORK_LEAD}))
    asked = EnvironBuilder("/api/v1/partners", headers=Headers({"Authorization": f"Bearer {minter.mint(looking)}"}))
    rows = Response(*run_wsgi_app(house, asked.get_environ(), buffered=True)).get_json()
    return [(row["name"], minter.mint(_system(row["partner_id"]))) for row in rows]


def _system(partner_id: str) -> Principal:
    return Principal("system", partner_id, partner_id, frozenset({roles.SYSTEM}))
