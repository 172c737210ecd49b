"""JSON in and out of the partners room."""

from __future__ import annotations

from services.partners.routes import organisations

BLUEPRINTS = (organisations.blueprint,)

__all__ = ["BLUEPRINTS"]
