"""One bearer token for each made-up partner, for its own system at the API and the FHIR door; in demo mode only."""

from __future__ import annotations

from chassis.access import Principal
from chassis.house import House
from contracts import roles
from demo.doors import Hand, pass_of


def partner_tokens(house: House) -> list[tuple[str, str]]:
    """Gives each partner's name and token, by name, as the partners room lists them."""
    looking = Hand(house, Principal("account", "demo", None, frozenset({roles.NETWORK_LEAD})))
    return [(row["name"], token_for(house, row["partner_id"])) for row in looking.get("/api/v1/partners")]


def token_for(house: House, partner_id: str) -> str:
    """The token of one partner's system; it does not run out, as the demo does not."""
    return pass_of(house, Principal("system", partner_id, partner_id, frozenset({roles.SYSTEM})))
