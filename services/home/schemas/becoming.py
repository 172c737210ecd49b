"""Whom somebody of the demo chooses to be."""

from __future__ import annotations

from chassis.web.fields import OneOf, OpaqueId, Strict


class BecomeSchema(Strict):
    """Whom somebody chose to be."""

    kind = OneOf(("account", "person"), required=True)
    id = OpaqueId(required=True)
