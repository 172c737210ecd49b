"""The one row a question is about."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.errors import NotFound
from chassis.unit import Unit


def one(unit: Unit, query: sa.Select[Any], **values: Any) -> Any:
    """The only row of an answer; NotFound when there is none. `values` fill a statement that was made once."""
    row = unit.connection.execute(query, values).one_or_none()
    if row is None:
        raise NotFound()
    return row
