"""The matching tables and the questions asked of them; every read says on whose behalf first."""

from __future__ import annotations

from .of_matches import (
    latest_match_of_person,
    match,
    matches_of_referral,
    not_again,
    offers_to,
    open_matches_by_referral,
    open_options_of_peers,
    options_of,
)
from .of_peers import (
    account,
    accounts_to_join,
    is_cleared,
    partner_names,
    peer,
    peers_listed,
    peers_of_partner,
    places_used,
)
from .of_waits import count_waiting, one_waiting, people_waiting, referrals_of
from .tables import PROJECTIONS, accounts, clearances, matches, metadata, options, partners, peers, waits
from .writing import (
    add,
    add_once,
    brakes_on,
    change_match,
    change_option,
    change_peer,
    change_waiting,
    forget_person,
    keep,
)

__all__ = [
    "PROJECTIONS",
    "account",
    "accounts",
    "accounts_to_join",
    "add",
    "add_once",
    "brakes_on",
    "change_match",
    "change_option",
    "change_peer",
    "change_waiting",
    "clearances",
    "count_waiting",
    "forget_person",
    "is_cleared",
    "keep",
    "latest_match_of_person",
    "match",
    "matches",
    "matches_of_referral",
    "metadata",
    "not_again",
    "offers_to",
    "one_waiting",
    "open_matches_by_referral",
    "open_options_of_peers",
    "options",
    "options_of",
    "partner_names",
    "partners",
    "peer",
    "peers",
    "peers_listed",
    "peers_of_partner",
    "people_waiting",
    "places_used",
    "referrals_of",
    "waits",
]
