"""The policy changes no plan: the server finds a list the same way with it and without it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.boundary import NETWORK
from chassis.boundary.policies import PREDICATE
from chassis.database import Database
from services.matching import store as matching
from services.partners import store as partners
from services.referrals import store as referrals
from tests.parts.plans import MADE, Ask, fill, past_it, plan_of
from tests.parts.postgres import Databases, as_owner

# Ten referrals are late then. Where hundreds are, two plans cost nearly the same, and what the policy itself costs for
# each row may tip the scales (docs/decisions/0027).
NOW = datetime(2026, 1, 3, 0, 30, tzinfo=UTC)
# Every question a partner's people and systems may have asked, and the longest of the network's.
OF_A_PARTNER: dict[str, tuple[str, Ask]] = {
    "a page of referrals": ("referrals", lambda s, u: referrals.referrals_listed(s, u, size=50)),
    "a late page of referrals": ("referrals", lambda s, u: referrals.referrals_listed(s, u, size=50, page=7)),
    "referrals of a stage": ("referrals", lambda s, u: referrals.referrals_listed(s, u, state="waiting", size=200)),
    "one referral": ("referrals", lambda s, u: referrals.referral(s, u, "r57")),
    "how many referrals there are": ("referrals", referrals.count_by_state),
    "partners' names": ("referrals", referrals.partner_names),
    "what a partner was told": ("referrals", lambda s, u: referrals.told_after(s, u, 100, 100)),
    "peers": ("matching", matching.peers_listed),
    "peers' places": ("matching", matching.places_used),
    "accounts that may join": ("matching", matching.accounts_to_join),
    "partners": ("partners", partners.partners_listed),
    "one partner": ("partners", lambda s, u: partners.partner(s, u, "p7")),
    "accounts": ("partners", lambda s, u: partners.accounts_listed(s, u, "p7")),
}
OF_THE_NETWORK: dict[str, tuple[str, Ask]] = {
    **{name: ask for name, ask in OF_A_PARTNER.items() if name != "what a partner was told"},
    "late referrals": (
        "referrals", lambda s, u: referrals.overdue(s, u, state="received", column="reply_due_at", before=NOW),
    ),
    "who waits": ("matching", lambda s, u: matching.people_waiting(s, u, ["waiting"])),
}  # fmt: skip


@pytest.fixture(scope="module")
def urls(postgres_server: Any) -> Iterator[dict[str, str]]:
    """Rooms with thousands of rows, and what the planner knows of them."""
    databases = Databases(postgres_server)
    made = {room: databases.of(room).replace("{service}", room) for room in MADE}
    for room, url in made.items():
        fill(url, room)
    yield made
    databases.close()


@pytest.mark.parametrize("name", OF_A_PARTNER)
def test_a_partners_question_is_answered_the_same_way(urls: dict[str, str], name: str) -> None:
    room, ask = OF_A_PARTNER[name]
    with_it, without = (plan_of(url, "p7", ask) for url in (urls[room], past_it(urls[room])))
    assert with_it == without
    assert sum(map(len, without)) >= 1


@pytest.mark.parametrize("name", OF_THE_NETWORK)
def test_the_networks_question_is_answered_the_same_way(urls: dict[str, str], name: str) -> None:
    room, ask = OF_THE_NETWORK[name]
    assert plan_of(urls[room], NETWORK, ask) == plan_of(past_it(urls[room]), NETWORK, ask)


def test_a_predicate_outside_a_case_would_change_one(urls: dict[str, str]) -> None:
    """The control: said plainly the policy spoils the planner's guess, and a page of referrals is found otherwise."""
    room, ask = OF_A_PARTNER["a page of referrals"]
    owner = Database(as_owner(urls[room]))
    bound = "(SELECT nullif(current_setting('app.partner', true), ''))"
    with owner.writing() as connection:
        for table in ("referrals", "people"):
            connection.exec_driver_sql(
                f"ALTER POLICY partner_1 ON {table} USING ({bound} = 'network' OR partner_id = {bound})"
            )
    try:
        assert plan_of(urls[room], "p7", ask) != plan_of(past_it(urls[room]), "p7", ask)
    finally:
        with owner.writing() as connection:
            for table in ("referrals", "people"):
                connection.exec_driver_sql(f"ALTER POLICY partner_1 ON {table} USING ({PREDICATE})")
        owner.close()
