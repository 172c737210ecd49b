"""Many values as one: a list is bound as a single parameter, so that a statement is made once and not for each length.

A statement with a parameter for each value is made anew for every batch: a tenth of the relay's work (measured).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

# By dialect: the list as rows of a column `value`, and as what a column is held against.
ROWS = {"sqlite": "json_each(:these) AS these", "postgresql": "unnest(CAST(:these AS {kind}[])) AS these(value)"}
AMONG = {"sqlite": "IN (SELECT value FROM json_each(:these))", "postgresql": "= ANY(CAST(:these AS {kind}[]))"}


def statements(text: str, kind: str = "text") -> dict[str, sa.TextClause]:
    """One statement for each dialect: `{rows}` and `{among}` in it stand for the list bound as `these`."""
    return {
        dialect: sa.text(text.format(rows=ROWS[dialect].format(kind=kind), among=AMONG[dialect].format(kind=kind)))
        for dialect in ROWS
    }


def bound(connection: sa.Connection, values: Sequence[Any]) -> Any:
    """A list as what `these` is bound to."""
    return json.dumps(values) if connection.dialect.name == "sqlite" else values
