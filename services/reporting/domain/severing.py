"""When somebody forgotten can be severed from what was counted of them, and what their rows are then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

_ENDS = ("referral.closed", "referral.declined")
# The ids on a row that the network knows too; a peer's and a partner's stand on no row of a referral.
_KNOWN = ("fact_id", "match_id", "support_id", "session_id")


def is_over(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether nothing of a referral is under way any more: it ended, with every match and support of it.

    Before that a fact to come would no longer find the rows it belongs to.
    """
    kinds: dict[str, set[str | None]] = {}
    for row in rows:
        kinds.setdefault(row["kind"], set()).add(row["match_id"])
    begun = kinds.get("match.proposed", set()) | kinds.get("match.agreed", set()) | kinds.get("support.started", set())
    ended = kinds.get("match.released", set()) | kinds.get("support.ended", set())
    return any(kind in kinds for kind in _ENDS) and begun <= ended


def severed(
    rows: Iterable[Mapping[str, Any]], referral_id: str, reporting_id: str, new_id: Callable[[], str]
) -> list[dict[str, Any]]:
    """The rows under ids nobody knows, in an order that says nothing; the same id everywhere in place of the same."""
    other: dict[tuple[str, str], str] = {("referral_id", referral_id): reporting_id}

    def instead(name: str, known: str) -> str:
        return other.setdefault((name, known), new_id())

    made = [
        {
            name: instead(name, value) if value is not None and name in (*_KNOWN, "referral_id") else value
            for name, value in row.items()
        }
        for row in rows
    ]
    return sorted(({**row, "is_severed": True} for row in made), key=lambda row: str(row["fact_id"]))
