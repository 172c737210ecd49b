"""What is whose to do: one list for whoever asks, late ones first, with no more of anyone than they need."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.unit import Unit
from services.home import store
from services.home.domain import work


@dataclass(frozen=True)
class Item:
    """One thing to do: `called` is a sealed name or None, `name` a name in clear that is no secret."""

    kind: str
    called: str | None
    name: str
    link: str | None
    due_at: datetime | None
    since: datetime
    is_late: bool


@dataclass(frozen=True)
class WorkList:
    """One page of a list, and how long the whole is."""

    items: Sequence[Item]
    count: int
    late_count: int
    number: int
    last: int


def own_work(unit: Unit, number: int = 1) -> WorkList:
    """One page of what whoever asks has to do; a person named there to somebody else is one audit row."""
    rows = _once(_shown(unit, store.work_open(unit.scope, unit)))
    rows = sorted(rows, key=lambda one: work.place_in_list(one[0].kind, one[0].due_at, one[0].since, unit.now))
    size = unit.policy.work_rows
    last = max(1, math.ceil(len(rows) / size))
    number = min(max(1, number), last)
    items = [_item(unit, row, is_named=named) for row, named in rows[(number - 1) * size : number * size]]
    late = sum(work.is_late(row.kind, row.due_at, unit.now) for row, _ in rows)
    return WorkList(items, len(rows), late, number, last)


def _shown(unit: Unit, rows: Sequence[Any]) -> list[tuple[Any, bool]]:
    """The rows that may be shown, each with whether its person may be named."""
    subjects = {one for row in rows for one in (row.person_id, row.partner_id, row.about_id)}
    found, nothing = store.restrictions_on(unit, subjects), frozenset[str]()
    shown = []
    for row in rows:
        on_person, on_partner = found.get(row.person_id, nothing), found.get(row.partner_id, nothing)
        is_own = row.person_id == unit.who.id
        if work.may_show(row.kind, on_person | on_partner, row.due_at, unit.now, is_own=is_own):
            shown.append((row, work.may_name(on_person | found.get(row.about_id, nothing))))
    return shown


def _once(rows: list[tuple[Any, bool]]) -> list[tuple[Any, bool]]:
    """Each thing once, though several peers may have said they could."""
    return list({(row.kind, row.thing, row.due_at): (row, named) for row, named in reversed(rows)}.values())


def _item(unit: Unit, row: Any, *, is_named: bool) -> Item:
    called = row.called if is_named and "{called}" in work.KINDS[row.kind].says else None
    if called:
        kind = "person" if row.person_id == row.about_id else "peer"
        unit.disclose(row.about_id, record=row.thing, kind=kind, is_opened=False)
    link = work.KINDS[row.kind].link
    return Item(
        kind=row.kind,
        called=called,
        name=row.partner_name or "",
        link=link.format(thing=row.thing) if link else None,
        due_at=row.due_at,
        since=row.since,
        is_late=work.is_late(row.kind, row.due_at, unit.now),
    )
