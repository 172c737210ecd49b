"""Screens of the referrals room: send a referral, see where it stands, open and decide, and the person's own page."""

from __future__ import annotations

from services.referrals.pages import (
    coordinator,
    links,
    looking,
    looks,
    person,
    safety,
    searching,
    sending,
    two_people,
)

BLUEPRINTS = (
    sending.blueprint,
    looking.blueprint,
    searching.blueprint,
    coordinator.blueprint,
    links.blueprint,
    safety.blueprint,
    looks.blueprint,
    two_people.blueprint,
    person.blueprint,
)
