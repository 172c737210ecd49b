"""Home's part of the `beenthere` command: the heads of other rooms' audit trails, as they were heard."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.access import service_scope
from chassis.audit.heads import Head
from chassis.audit.telling import kept_head
from chassis.service import Service

from . import store


def kept_heads(service: Service, room: str) -> Sequence[Head]:
    """The heads a room stated, oldest first."""
    with service.reading() as unit:
        return [kept_head(row) for row in store.heads_of(service_scope(service.name), unit, room)]
