"""The numbers the referrals rules run on; a network may override each in its policy file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Units are in the names; (d) marks a default of ours with no confirmed source (rules.md, Referring)."""

    # Working days until a human being must have opened a new referral (d).
    reply_working_days: int = 2
    # Working days from acknowledgement to a decision (d).
    decision_working_days: int = 5
    # Working days of grace after either of these until the coordinators' lead is told (d).
    grace_working_days: int = 2
    # Years of age from which the network supports people; the seed speaks of adults' services.
    adult_years: int = 18
    # Days until every key is wrapped anew and the epoch before is destroyed; at most 30 (docs/events.md, Keys).
    key_epoch_days: int = 30
    # Days a private link of a person works; a new one ends it sooner. Long enough for a wait and the first weeks after
    # it, short enough that a letter somebody finds later opens nothing (d).
    link_days: int = 90
    # Months a recorded consent lasts before it is asked again (d).
    consent_months: int = 24
    # Days until a new key for partners to encrypt to is published (d).
    partner_key_days: int = 30
    # Days the key before it still opens what was encrypted to it: a topic keeps messages for 7 (d).
    partner_key_overlap_days: int = 14
    # Days after a referral ended in which whoever worked with it may have reason to open it: its last check is after 12
    # weeks (rules.md, Support), and a week to write it up (d).
    look_relation_days: int = 91
    # Minutes that broken glass stays so: long enough to act in one emergency and to write it up, and over within it, so
    # that the next one is told of again (d).
    glass_minutes: int = 60
    # Days in which a second person confirms or refuses what takes two: the same as for rights (partners, d).
    asking_days: int = 7
    # Days until the same look at the same person is asked about again once a privacy officer has seen to it (d).
    look_again_days: int = 90
