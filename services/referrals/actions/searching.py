"""Finding a person by exactly what is known of them, through keyed hashes: no sealed text is opened for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from chassis.sealing import Ring
from chassis.service import Service
from chassis.unit import Unit
from contracts import marks
from services.referrals import store
from services.referrals.actions import changing
from services.referrals.domain import finding

# Referrals one search gives at most; more than that is not somebody who is looked for exactly.
MOST_FOUND = 50


def mark_keys(house: Service) -> Ring:
    """The keys that marks are made with; fetched before the transaction."""
    return house.vault.make(marks.OWNER, [marks.CLASS, marks.SEARCH])


def marks_to_find(ring: Ring, person: Mapping[str, Any]) -> dict[str, str | None]:
    """The marks by which a person is found: of their NHS number and their phone number, None where there is none."""
    mark = partial(ring.mark, marks.OWNER, marks.SEARCH)
    number = finding.nhs_number_in_one_form(person.get("nhs_number"))
    phone = finding.phone_in_one_form(person.get("phone"))
    return {"nhs_mark": _mark(mark, "nhs", number), "phone_mark": _mark(mark, "phone", phone)}


def search(unit: Unit, wanted: Mapping[str, Any]) -> Sequence[Any]:
    """The referrals of whoever is known by exactly this, newest first; each person found is on record as shown.

    `wanted` is schemas.SearchSchema, loaded; the unit's ring holds `mark_keys`. That somebody looked is on record also
    when nobody is found. Refuses (SearchRefused) what nobody can be looked for by.
    """
    changing.heed_suspension(unit)
    way = finding.way(wanted)
    if way == finding.NAME_AND_PLACE:
        mark = partial(unit.ring.mark, marks.OWNER, marks.CLASS)
        wanted_marks = marks.of_surname_and_postcode(mark, wanted["surname"], wanted["postcode"])
        made = {"surname_mark": wanted_marks.surname_mark, "postcode_mark": wanted_marks.postcode_mark}
    else:
        name = "nhs_mark" if way == finding.NHS_NUMBER else "phone_mark"
        made = {name: marks_to_find(unit.ring, wanted)[name]}
    unit.note("referral.search", kind=way)
    rows = store.found_by(unit.scope, unit, made, finds_protected=way in finding.FINDS_PROTECTED, most=MOST_FOUND)
    for row in rows:
        unit.disclose(row.person_id, record=row.referral_id, is_opened=False)
    return rows


def _mark(mark: Callable[[str], str], what: str, text: str) -> str | None:
    return mark(f"{what}|{text}") if text else None
