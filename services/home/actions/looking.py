"""Who has looked at my record: what the rooms stated, and what this room's own audit trail has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.access import service_scope
from chassis.unit import Unit
from contracts.records import purpose_of
from contracts.roles import PEER
from services.home import store
from services.home.domain import record, work


@dataclass(frozen=True)
class Record:
    """One page of the looks, and how many there are; `is_protected` leaves out organisations, purposes and times."""

    lines: Sequence[record.Line]
    is_protected: bool
    number: int
    last: int


def own_record(unit: Unit, number: int = 1) -> Record:
    """One page of who has looked at the record of whoever asks, newest first."""
    lines, is_protected = own_lines(unit)
    size = unit.policy.record_rows
    last = max(1, math.ceil(len(lines) / size))
    number = min(max(1, number), last)
    return Record(lines[(number - 1) * size : number * size], is_protected, number, last)


def own_lines(unit: Unit) -> tuple[list[record.Line], bool]:
    """Every look at the record of whoever asks, as it reads, and whether they are protected."""
    most = unit.policy.record_most
    found = [_heard(row) for row in store.seen_elsewhere(unit.scope, unit, most)]
    found += [_own(row) for row in store.seen_here(unit.scope, unit, record.DISCLOSURES, most)]
    # What organisations are called is no secret, whoever asks.
    partners = {row.partner_id: row.name for row in store.partners_named(service_scope(unit.service), unit)}
    restrictions = store.restrictions_on(unit, [unit.who.id]).get(unit.who.id, frozenset())
    is_peer, is_protected = PEER in unit.who.roles, work.PROTECTED in restrictions
    lines = [
        record.line_of(one, partners, is_peer=is_peer, is_protected=is_protected)
        for one in record.ordered(found)[:most]
    ]
    return lines, is_protected


def _heard(row: Any) -> record.Look:
    return record.Look(tuple(row.roles.split()), row.partner_id, row.purpose, row.seen_at)


def _own(row: Any) -> record.Look:
    seen_at = row.at.replace(second=0, microsecond=0)
    return record.Look(tuple(row.roles.split()), row.partner_id or "", purpose_of(row.purpose or ""), seen_at)
