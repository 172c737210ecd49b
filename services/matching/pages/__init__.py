"""Screens of the matching room: for coordinators, for peers, and for the person who waits."""

from __future__ import annotations

from services.matching.pages import coordinator, peer, person

BLUEPRINTS = (coordinator.blueprint, peer.blueprint, person.blueprint)
