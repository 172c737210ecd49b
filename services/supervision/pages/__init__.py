"""Screens of the supervision room: for supervisors, for peers, and for whoever raises or owns a worry."""

from __future__ import annotations

from services.supervision.pages import peer, raising, supervisor, worries

BLUEPRINTS = (supervisor.blueprint, peer.blueprint, raising.blueprint, worries.blueprint)
