"""Screens of the partners room: organisations with their people, and signing in by ourselves or by a provider."""

from __future__ import annotations

from services.partners.pages import organisations, provider, signing_in

BLUEPRINTS = (organisations.blueprint, signing_in.blueprint, provider.blueprint)

__all__ = ["BLUEPRINTS"]
