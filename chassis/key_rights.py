"""What the role that signed in at the key store may do there (PostgreSQL: deploy/keys_rights.py; docs/keys.md).

A room has the keys of its own classes, by row security. Whoever destroys keys it may not read does it by a function of
the tables' owner; epochs are rotated by the keeper.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from chassis.columns import Moment
from chassis.errors import Misbuilt, Retry

_MAY = sa.text(
    """
    SELECT has_table_privilege('keys', 'UPDATE') AS may_change, found.bury IS NOT NULL AS by_function,
        coalesce(has_function_privilege(found.bury, 'EXECUTE'), false) AS may_bury
    FROM (SELECT to_regprocedure('bury(text, text[], timestamptz)') AS bury) AS found
    """
)
_BURY = sa.text("SELECT bury(:owner, :names, :at)").bindparams(
    sa.bindparam("names", type_=sa.ARRAY(sa.Text)), sa.bindparam("at", type_=Moment)
)
BURY = """
CREATE FUNCTION bury(owner text, names text[], at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
INSERT INTO keys (owner_id, sealed_class, epoch, wrapped, made_at, gone_at)
SELECT owner, name, 0, NULL, at, at FROM (
    SELECT unnest(names) UNION SELECT sealed_class FROM keys WHERE owner_id = owner
) AS graves(name)
ON CONFLICT (owner_id, sealed_class) DO UPDATE SET epoch = 0, wrapped = NULL, made_at = at, gone_at = at
WHERE keys.gone_at IS NULL
$$
""".strip()


class NotReady(Retry):
    """Nobody who may has begun the first epoch yet."""

    says = "The key store has no epoch yet. Its keeper makes the first: `beenthere keys keep` (docs/keys.md)."


class NotTheKeeper(Misbuilt):
    """Epochs are rotated by the key store's keeper."""

    says = "Whoever signed in here may not rotate the epochs of this key store: its keeper does."


@dataclass(frozen=True)
class Rights:
    """What a role may do; an owner of the tables, as on a file, everything."""

    rotate: bool = True
    bury: bool = True
    by_function: bool = False


def rights(connection: sa.Connection) -> Rights:
    """The rights of the role that signed in; the tables are there."""
    if connection.dialect.name == "sqlite":
        return Rights()
    row = connection.execute(_MAY).one()
    return Rights(row.may_change, row.may_change or row.may_bury, row.by_function)


def bury(connection: sa.Connection, owner_id: str, names: Collection[str], at: datetime) -> None:
    """Leaves gravestones by the owner's function: of these classes, and of those there are keys of."""
    connection.execute(_BURY, {"owner": owner_id, "names": sorted(names), "at": at})
