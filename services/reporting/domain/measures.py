"""The one catalogue of measures: what each says, how it is counted, and where its rule comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from . import counts
from .figures import REGION, Cell, Exact
from .periods import Window
from .picture import Picture

# Raised whenever a measure is added or changes its meaning; a published report keeps the version it was drawn by.
CATALOGUE_VERSION = 1
THEMES = {
    "referrals": "Referrals",
    "waiting": "Waiting",
    "matching": "Matching",
    "support": "Support",
    "peers": "Peers",
    "worries": "Worries",
    "reach_and_cost": "Reach and cost",
}
OF_THESE = "Of these, "
COUNTED = "None: this is a count."
PEOPLE, PER_CENT, DAYS = "people", "per cent", "days"
DECLINE_REASONS = {
    "not_what_was_hoped_for": "not what the person hoped for",
    "outside_our_area": "outside our area",
    "too_young": "too young",
    "unsafe_now": "not safe just now",
    "duplicate": "the same referral came before",
    "other_help_found": "other help was found",
}
ENDINGS = {
    "planned": "as planned",
    "early_by_choice": "early, by choice",
    "moved_on": "moved on",
    "lost_touch": "lost touch",
    "swap": "to go on with someone else",
}
LEVELS = {
    "1": "for supervision",
    "2": "for a coordinator the same day",
    "3": "for the safeguarding lead",
    "4": "an emergency now",
}
_RULES = "The network's own rules, Reporting (docs/rules.md)."


@dataclass(frozen=True)
class Measure:
    """One line of the catalogue; a share has a denominator, and a part says of which measure it is one."""

    code: str
    theme: str
    words: str
    unit: str
    numerator: str
    counted: counts.Counted
    denominator: str = COUNTED
    exclusions: str = "None."
    version: int = 1
    source: str = _RULES
    by_area: bool = True
    part_of: str = ""
    note: str = ""


def _parts(whole: Measure, words: Mapping[str, str], counted: Mapping[str, counts.Counted]) -> tuple[Measure, ...]:
    parts = (
        replace(
            whole, code=f"{whole.code}.{code}", words=f"{OF_THESE}{text}", counted=counted[code], part_of=whole.code,
            numerator=f"{whole.numerator.removesuffix('.')}: {text}.",
        )
        for code, text in words.items()
    )  # fmt: skip
    return (whole, *parts)


_REFERRALS = (
    Measure(
        "referrals_received", "referrals", "Referrals received", "referrals",
        "Referrals that came in by any door in the period.", counts.received,
        exclusions="None: each referral counts once, also one that is declined later.",
    ),
    Measure(
        "acknowledged_in_2_working_days", "referrals", "Opened by someone within 2 working days", PER_CENT,
        "Of these, the referrals a human being had opened by the end of that day.", counts.acknowledged_in_time,
        denominator="Referrals whose second working day after arrival lies in the period, by whole days in London.",
        exclusions="Referrals whose second working day is not over yet.",
    ),
    Measure(
        "referrals_accepted", "referrals", "Referrals accepted", "referrals",
        "Referrals accepted in the period, whenever they came in.", counts.accepted,
    ),
    *_parts(
        Measure(
            "referrals_declined", "referrals", "Referrals declined", "referrals",
            "Referrals declined in the period, whenever they came in.", counts.declined(),
        ),
        DECLINE_REASONS,
        {code: counts.declined(code) for code in DECLINE_REASONS},
    ),
)  # fmt: skip

_TO_MATCH = "Days from the day the referral came in to the first day both had said yes, after a taster."
_TO_HELP = "Days from the day the referral came in to the first contact made after both had said yes."
_WAIT = "NHS England's proposed standard of 2021: help started within four weeks (docs/sources.md, Wait for help)."
_STILL = "People still waiting: they are counted on a line of their own."
_WAITING = (
    Measure(
        "waiting_for_match", "waiting", "People still waiting for a match", PEOPLE,
        "People whose referral came in and has not ended, and who have nobody yet, on the period's last day.",
        counts.waiting_for_match,
        exclusions="None: people who came back to wait are counted, from their first day.",
    ),
    Measure(
        "days_to_match_median", "waiting", "Days until half of the people matched had both yeses", DAYS,
        _TO_MATCH, counts.days_to_match(counts.MEDIAN),
        denominator="People for whom that day lies in the period.", exclusions=_STILL,
    ),
    Measure(
        "days_to_match_90th", "waiting", "Days until 9 in 10 of the people matched had both yeses", DAYS,
        _TO_MATCH, counts.days_to_match(counts.NINE_IN_TEN),
        denominator="People for whom that day lies in the period.", exclusions=_STILL,
    ),
    Measure(
        "waiting_for_help", "waiting", "People still waiting for help to start", PEOPLE,
        "People whose referral came in and has not ended, and with whom no contact was made after both yeses, on the "
        "period's last day.", counts.waiting_for_help, source=_WAIT,
    ),
    Measure(
        "days_to_help_median", "waiting", "Days until help had started for half of the people helped", DAYS,
        _TO_HELP, counts.days_to_help(counts.MEDIAN), source=_WAIT,
        denominator="People for whom that day lies in the period.", exclusions=_STILL,
    ),
    Measure(
        "days_to_help_90th", "waiting", "Days until help had started for 9 in 10 of the people helped", DAYS,
        _TO_HELP, counts.days_to_help(counts.NINE_IN_TEN), source=_WAIT,
        denominator="People for whom that day lies in the period.", exclusions=_STILL,
    ),
)  # fmt: skip

_MATCHING = (
    Measure(
        "tasters_held", "matching", "Tasters held", "tasters",
        "Tasters held in the period: one meeting to see how it feels.", counts.tasters,
    ),
    Measure(
        "matches_agreed", "matching", "Matches agreed", "matches",
        "Matches to which both said yes in the period, after a taster.", counts.matches_agreed,
    ),
)  # fmt: skip

_SUPPORT = (
    Measure(
        "supports_started", "support", "Supports started", "supports",
        "Supports that began in the period.", counts.supports_started,
    ),
    Measure(
        "contacts_made", "support", "Contacts made", "contacts",
        "Contacts between a person and their peer that took place in the period, in any way.", counts.contacts_made,
        exclusions="Contacts that were tried and not made.",
    ),
    *_parts(
        Measure(
            "supports_ended", "support", "Supports ended", "supports",
            "Supports that ended in the period.", counts.supports_ended(),
        ),
        ENDINGS,
        {code: counts.supports_ended(code) for code in ENDINGS},
    ),
    Measure(
        "ended_with_connection", "support", "Ended with at least one connection alive", PER_CENT,
        "Of these, the supports that left the person with at least one role, group or place alive on that day.",
        counts.ended_with_connection, denominator="Supports that ended in the period.",
        note="This is what is known on the day of the ending. The network's headline will be connections alive 12 "
        "weeks later; it takes this one's place once the checks after 12 weeks are made.",
    ),
)  # fmt: skip

_PEERS = (
    Measure(
        "peers_joined", "peers", "Peers who joined", PEOPLE,
        "Peers who joined the network in the period, in their partner's area.", counts.peers_joined,
    ),
    Measure(
        "supervision_in_time", "peers", "Supervision held when it was owed", PER_CENT,
        "Of these, the sessions held by the day they were owed.", counts.supervision_in_time,
        denominator="Supervision sessions peers were owed by a day in the period, in their partner's area.",
        exclusions="Sessions whose day moved, because a peer took a break or the session was made up later.",
        note="Hidden when it is about fewer than 5 peers.",
    ),
)  # fmt: skip

_WORRIES = _parts(
    Measure(
        "worries_raised", "worries", "Worries raised", "worries",
        "Worries put on somebody's list in the period, whoever raised them.", counts.worries(), by_area=False,
        note="Counted for the whole region only.", source="The network's own rules, Concerns (docs/rules.md).",
    ),
    LEVELS,
    {level: counts.worries(level) for level in LEVELS},
)  # fmt: skip

_REACH_AND_COST = (
    Measure(
        "reach", "reach_and_cost", "People reached for every 10,000 adults", PEOPLE,
        "People with whom a contact was made in the period.", counts.not_supplied,
        denominator="Adults who live in the region.", by_area=False,
        note="Needs the number of adults in the region, with its source and date.",
    ),
    Measure(
        "cost_per_person", "reach_and_cost", "Cost for each person supported", "pounds",
        "Spending on peer support in the period.", counts.not_supplied,
        denominator="People supported in the period.", by_area=False,
        note="Needs spending and posts of the partners, with their source and date.",
    ),
)  # fmt: skip

CATALOGUE: tuple[Measure, ...] = (
    *_REFERRALS, *_WAITING, *_MATCHING, *_SUPPORT, *_PEERS, *_WORRIES, *_REACH_AND_COST,
)  # fmt: skip
# What stands at the head of a report, and the words behind each number there.
HEADLINE = {
    "referrals_received": "referrals received",
    "waiting_for_match": "people still waiting for a match",
    "days_to_help_median": "days or fewer from referral to help started, for half of the people helped",
    "supports_started": "supports started",
    "contacts_made": "contacts made between people and their peers",
    "ended_with_connection": "of supports that ended left at least one connection alive",
}


def count_all(pictures: Mapping[str, Picture], window: Window) -> dict[Cell, Exact]:
    """Counts every measure over a window, exactly; `pictures` holds the region's under REGION and one for each area."""
    return {
        (measure.code, where): measure.counted(picture, window)
        for measure in CATALOGUE
        for where, picture in pictures.items()
        if measure.by_area or where == REGION
    }
