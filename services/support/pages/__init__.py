"""Screens of the support room: for peers and coordinators, for the person, and what both of a pair do."""

from __future__ import annotations

from services.support.pages import pair, peer, person, worry

BLUEPRINTS = (peer.blueprint, person.blueprint, pair.blueprint, worry.blueprint)
