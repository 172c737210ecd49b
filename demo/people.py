"""Who works in the made-up region: partners join, accounts are opened, peers say what they take. Who does what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from chassis.access import Principal
from chassis.house import House
from chassis.ids import Ids, chance
from contracts import needs as lists
from contracts import roles, setup
from demo import region
from demo.diary import Diary, Steps
from demo.doors import Hand

# The roles that reach over the whole network, and how many hold each; one partner houses the network's office.
OFFICE: tuple[tuple[str, int], ...] = (
    (roles.COORDINATOR, 3),
    (roles.NETWORK_LEAD, 1),
    (roles.COMMISSIONER, 2),
    (roles.SAFEGUARDING_LEAD, 1),
    (roles.PRIVACY_OFFICER, 1),
    (roles.ADMINISTRATOR, 1),
)
OFFICE_AT = "city-trust"
SUPERVISORS = 6
# How many peers are there on the first day, with more places each; the others join as the network grows.
_FOUNDERS = 12
_AGREEMENT_YEARS = 2


@dataclass(frozen=True)
class Member:
    """One human being with an account."""

    account_id: str
    called: str
    role: str
    hand: Hand


@dataclass
class Partner:
    """One partner with its people; `system` is its own machine at the API and FHIR doors."""

    made: region.MadePartner
    partner_id: str
    system: Hand
    lead: Member
    referrers: list[Member] = field(default_factory=list)


@dataclass
class Cast:
    """Everybody who works in the region."""

    house: House
    ids: Ids
    diary: Diary
    founder: Hand
    second: Hand
    partners: list[Partner] = field(default_factory=list)
    office: dict[str, list[Member]] = field(default_factory=dict)
    supervisors: list[Member] = field(default_factory=list)
    peers: dict[str, Member] = field(default_factory=dict)
    # Who walks beside whom: the peer of each person whose support is under way.
    walks: dict[str, Member] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def coordinator(self, chance: Random) -> Hand:
        """One of the coordinators."""
        return chance.choice(self.office[roles.COORDINATOR]).hand

    def only(self, role: str) -> Hand:
        """The first who holds a role of the office."""
        return self.office[role][0].hand

    def as_person(self, person_id: str) -> Hand:
        """The person themselves, on their own pages."""
        return Hand(self.house, Principal("person", person_id, None, frozenset({roles.PERSON})))

    def open_account(self, by: Hand, partner_id: str, role: str, chance: Random) -> Member:
        """Opens an account under a name nobody here has yet; another of the two founders confirms it."""
        called = self._a_new_name(chance)
        at = f"/api/v1/partners/{partner_id}"
        asked = by.post(f"{at}/accounts", {"called": called, "roles": [role]}, key=self.ids.new())
        # What one asks another confirms.
        second = self.second if by is self.founder else self.founder
        account_id = second.post(f"{at}/askings/{asked['asking_id']}/confirmation")["account_id"]
        who = Principal("account", account_id, partner_id, frozenset({role}))
        return Member(account_id, called, role, Hand(self.house, who))

    def _a_new_name(self, chance: Random) -> str:
        while (called := chance.choice(region.FIRST_NAMES)) in self._names:
            if len(self._names) >= len(region.FIRST_NAMES):
                called = region.a_name(chance)
                break
        self._names.add(called)
        return called


def gather(house: House, ids: Ids, diary: Diary, partner_count: int) -> Cast:
    """Founds the network: partners join with their agreements, and everyone but the peers gets an account."""
    draw = chance(f"{region.SEED}/people")
    founder = Hand(house, Principal("account", ids.new(), None, frozenset({roles.NETWORK_LEAD})))
    second = Hand(house, Principal("account", ids.new(), None, frozenset({roles.ADMINISTRATOR})))
    cast = Cast(house, ids, diary, founder, second)
    cast.partners = [_join(cast, made, draw) for made in _some_partners(partner_count)]
    house_of_office = next((one for one in cast.partners if one.made.code == OFFICE_AT), cast.partners[0])
    for role, count in OFFICE:
        cast.office[role] = [cast.open_account(founder, house_of_office.partner_id, role, draw) for _ in range(count)]
    for number in range(SUPERVISORS):
        partner = cast.partners[number % len(cast.partners)]
        member = cast.open_account(partner.lead.hand, partner.partner_id, roles.SUPERVISOR, draw)
        cast.supervisors.append(member)
    return cast


def _some_partners(count: int) -> list[region.MadePartner]:
    """The first `count` partners, NHS bodies and voluntary organisations by turns."""
    kinds = {kind: [one for one in region.PARTNERS if one.kind == kind] for kind in ("nhs_body", "voluntary")}
    return [one for pair in zip(*kinds.values(), strict=True) for one in pair][:count]


def _join(cast: Cast, made: region.MadePartner, draw: Random) -> Partner:
    starts_on = cast.diary.today
    body = {
        "code": made.code,
        "name": made.name,
        "kind": made.kind,
        "area": made.area,
        "ods_code": made.ods_code,
        "agreement": {"starts_on": starts_on.isoformat(), "ends_on": _years_after(starts_on).isoformat()},
    }
    partner_id = cast.founder.post("/api/v1/partners", body, key=cast.ids.new())["partner_id"]
    system = Hand(cast.house, Principal("system", partner_id, partner_id, frozenset({roles.SYSTEM})))
    lead = cast.open_account(cast.founder, partner_id, roles.PARTNER_LEAD, draw)
    lead.hand.post(f"/api/v1/partners/{partner_id}/answers", _answers(made), key=cast.ids.new())
    partner = Partner(made, partner_id, system, lead)
    partner.referrers = [cast.open_account(lead.hand, partner_id, roles.REFERRER, draw)]
    return partner


def _answers(made: region.MadePartner) -> dict[str, Any]:
    """What a partner answers to the critical questions before its first referral."""
    draw = chance(f"{region.SEED}/answers/{made.code}")
    is_nhs = made.kind == "nhs_body"
    first = {"title": "Peer support worker", "kind": "paid", "hours": 30, "contract": "permanent"}
    post = {**first, "band": "3"} if is_nhs else {**first, "hours": draw.choice([16, 22])}
    return {
        "peer_role": draw.choice(list(setup.PEER_ROLE)),
        "employer": "ourselves",
        "settings": ["community", "inpatient"] if is_nhs else ["community", "voluntary_setting"],
        "training": draw.choice(["accredited", "local", "both"]),
        "training_hours": draw.choice([24, 40, 60]),
        "career_steps": draw.choice(list(setup.CAREER_STEPS)),
        "supervision": ["line", "group"],
        "supervisors": draw.choice(["some", "all", "not_asked"]),
        "staff_stance": draw.choice(list(setup.STAFF_STANCE)),
        "posts": {"first": post},
    }


def _years_after(day: date) -> date:
    return day + timedelta(days=round(_AGREEMENT_YEARS * 365.25))


# ---- peers ----


def peers_arrive(cast: Cast, count: int, then: Callable[[Cast, Member, int, Random], Steps]) -> None:
    """Writes into the diary when each of `count` peers joins, and what each does afterwards."""
    for number in range(count):
        draw = chance(f"{region.SEED}/peer/{number}")
        # Voluntary organisations bring twice as many peers as NHS bodies.
        weights = [2 if one.made.kind == "voluntary" else 1 for one in cast.partners]
        partner = draw.choices(cast.partners, weights)[0]
        cast.diary.begin(_one_peer(cast, partner, number, draw, then))


def _one_peer(
    cast: Cast,
    partner: Partner,
    number: int,
    draw: Random,
    then: Callable[[Cast, Member, int, Random], Steps],
) -> Steps:
    days = cast.diary.days
    first = 0 if number < _FOUNDERS else round(len(days) * draw.triangular(0.25, 0.95, 0.85))
    yield cast.diary.on(days[min(first, len(days) - 1)], draw)
    member = cast.open_account(partner.lead.hand, partner.partner_id, roles.PEER, draw)
    # The rooms hear of the account in the evening.
    yield cast.diary.in_days(1, draw)
    partner.lead.hand.post("/api/v1/peers", {"account_id": member.account_id})
    cast.peers[member.account_id] = member
    places = draw.choices([3, 4, 5] if number < _FOUNDERS else [1, 2, 3], [3, 4, 2])[0]
    member.hand.put("/api/v1/peers/me/limits", _limits(places, partner.made.area, draw))
    member.hand.put("/api/v1/peers/me/experience", {"entries": _entries(draw)})
    yield from then(cast, member, number, draw)


def _limits(places: int, area: str, draw: Random) -> dict[str, Any]:
    return {
        "places": places,
        "areas": [area, *region.some(draw, list(lists.NEIGHBOURS[area]), 0, 1)],
        "modes": draw.choice(
            [["in_person", "phone"], ["in_person", "phone", "video"], ["in_person"], ["phone", "video"]]
        ),
        "times": region.some(draw, list(lists.TIMES), 2, 4),
        "languages": ["en", *draw.choices([[], ["ur"], ["pl"], ["so"], ["bsl"], ["cy"]], [8, 2, 2, 1, 1, 1])[0]],
        "age_bands": [],
        "gender": draw.choices(["woman", "man", "non_binary"], [9, 7, 1])[0],
        "topics_not_taken": region.some(draw, list(lists.THEMES), 0, 1),
    }


def _entries(draw: Random) -> list[dict[str, str]]:
    levels = ["private", "match_only", "shown_at_match", "open"]
    return [
        {"theme": theme, "level": draw.choices(levels, [1, 3, 6, 3])[0]}
        for theme in region.some(draw, list(lists.THEMES), 3, 7)
    ]
