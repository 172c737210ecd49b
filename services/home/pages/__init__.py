"""Screens of the front hall: open to everyone, the demo's people, one's own work, and how the network works."""

from __future__ import annotations

from . import demo, front, network, record, work

BLUEPRINTS = (front.blueprint, demo.blueprint, work.blueprint, record.blueprint, network.blueprint)
