"""Screens of the referrals room: send a referral, see where it stands, open and decide, and the person's own page."""

from __future__ import annotations

from services.referrals.pages import coordinator, links, looking, looks, person, searching, sending

BLUEPRINTS = (
    sending.blueprint,
    looking.blueprint,
    searching.blueprint,
    coordinator.blueprint,
    links.blueprint,
    looks.blueprint,
    person.blueprint,
)
