"""Screens of the partners room: organisations with their people and systems, and signing in."""

from __future__ import annotations

from services.partners.pages import organisations, signing_in, systems

BLUEPRINTS = (organisations.blueprint, systems.blueprint, signing_in.blueprint)

__all__ = ["BLUEPRINTS"]
