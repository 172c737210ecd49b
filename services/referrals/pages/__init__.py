"""Screens of the referrals room: send a referral, see where it stands, open and decide, and the person's own page."""

from __future__ import annotations

from services.referrals.pages import coordinator, looking, looks, person, safety, sending, two_people

BLUEPRINTS = (
    sending.blueprint,
    looking.blueprint,
    coordinator.blueprint,
    safety.blueprint,
    looks.blueprint,
    two_people.blueprint,
    person.blueprint,
)
