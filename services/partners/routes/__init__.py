"""JSON in and out of the partners room."""

from __future__ import annotations

from services.partners.routes import agreements, answering, askings, conduct, organisations, systems, tokens
from services.partners.routes.tokens import shape_problem

BLUEPRINTS = (
    organisations.blueprint,
    agreements.blueprint,
    askings.blueprint,
    conduct.blueprint,
    answering.blueprint,
    systems.blueprint,
    tokens.blueprint,
)

__all__ = ["BLUEPRINTS", "shape_problem"]
