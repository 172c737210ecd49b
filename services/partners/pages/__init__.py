"""Screens of the partners room: organisations with their people and systems, and coming in, here or elsewhere."""

from __future__ import annotations

from services.partners.pages import (
    accounts,
    answering,
    conduct,
    links,
    notices,
    organisations,
    own_account,
    provider,
    reaching,
    signing_in,
    systems,
)

BLUEPRINTS = (
    organisations.blueprint,
    accounts.blueprint,
    conduct.blueprint,
    answering.blueprint,
    systems.blueprint,
    reaching.blueprint,
    own_account.blueprint,
    notices.blueprint,
    signing_in.blueprint,
    provider.blueprint,
    links.blueprint,
)

__all__ = ["BLUEPRINTS"]
