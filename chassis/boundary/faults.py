"""What would let somebody past the boundary of a PostgreSQL database, read from its catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from chassis.boundary import COLUMN, SETTING
from chassis.boundary.policies import POLICY, guarded
from chassis.errors import Misbuilt

# A table being made again has a schema of its own meanwhile (chassis/events/shadow.py), which no door looks into.
_OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'shadow\\_%'"

_KEYS = sa.text(
    """
    SELECT t.relname, ARRAY(
        SELECT coalesce(a.attname::text, '(expression)')
        FROM unnest(i.indkey) WITH ORDINALITY AS k(number, turn)
        LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number AND k.number > 0
        WHERE k.turn <= i.indnkeyatts ORDER BY k.turn
    ) AS columns
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    WHERE i.indisunique AND t.relnamespace = current_schema()::regnamespace ORDER BY 1, 2
    """
)
_VIEWS = sa.text(
    f"""
    SELECT c.relname, c.relkind = 'm' AS is_kept, coalesce(c.reloptions::text[], '{{}}') AS options
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND {_OURS} ORDER BY 1
    """  # noqa: S608 - our own words
)
_ROLE = sa.text(
    """
    SELECT current_user::text AS name,
        bool_or(r.rolsuper) AS is_super, bool_or(r.rolbypassrls AND NOT r.rolsuper) AS bypasses
    FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'MEMBER')
    """
)
_OWNED = sa.text(
    f"""
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND {_OURS} AND pg_has_role(current_user, c.relowner, 'MEMBER') ORDER BY 1
    """  # noqa: S608 - our own words
)
# Under these, security_invoker is on.
_INVOKER = {"security_invoker=true", "security_invoker=on", "security_invoker=1", "security_invoker=yes"}
# Where the database numbers rows by itself: nobody chooses the number, and nobody is told that one is taken.
_NUMBERED = {("audit", ("sequence",)), ("audit", ("place",))}


class BoundaryOpen(Misbuilt):
    """The database would not keep one partner's rows from another."""

    def __init__(self, found: list[str]) -> None:
        lines = "\n".join(f"- {fault}" for fault in found)
        super().__init__(f"The database does not keep the boundary between partners (docs/runbook.md, Roles):\n{lines}")


@dataclass(frozen=True)
class Faults:
    """`of_shape`: what lets anybody past. `of_role`: what the role we signed in as may do that no service may."""

    of_shape: tuple[str, ...]
    of_role: tuple[str, ...]

    def refuse(self, *, heeds_role: bool) -> None:
        """Refuses (BoundaryOpen) to go on with a fault of shape, and where roles are heeded with one of those."""
        if refused := [*self.of_shape, *(self.of_role if heeds_role else ())]:
            raise BoundaryOpen(refused)


def find(connection: sa.Connection, over_all: Collection[tuple[str, tuple[str, ...]]] = ()) -> Faults:
    """What is wrong with the database and with whom we signed in as; nothing when the boundary holds.

    `over_all` names the unique keys that hold over all partners on purpose, by table and columns.
    """
    shape = (*_tables(connection), *_keys(connection, {*over_all, *_NUMBERED}), *_views(connection))
    return Faults(tuple(shape), tuple(_of_role(connection)))


def _tables(connection: sa.Connection) -> Iterator[str]:
    for table in guarded(connection):
        if not table.is_on or not table.is_forced:
            yield f"{table.name} has a partner's column and is not under row security that holds for its owner too"
        elif not table.is_whole:
            yield f"{table.name} has other policies than ours: {', '.join(table.policies) or 'none'}"
        elif not all(SETTING in says and "CASE" in says for says in table.says[table.policies.index(POLICY) :]):
            yield f"the policy {POLICY} of {table.name} does not say what it should"


def _keys(connection: sa.Connection, over_all: Collection[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    names = {table.name for table in guarded(connection)}
    for table, columns in connection.execute(_KEYS):
        key = (table, tuple(columns))
        if table not in names or key in over_all or columns[0] == COLUMN or all(map(_is_drawn, columns)):
            continue
        yield (
            f"the unique key of {table} ({', '.join(columns)}) does not begin with {COLUMN}: it tells a partner of"
            " others' rows"
        )


def _is_drawn(column: str) -> bool:
    """Whether a column holds an id that the house draws, which nobody chooses or guesses."""
    return column == "id" or column.endswith("_id")


def _views(connection: sa.Connection) -> Iterator[str]:
    for name, is_kept, options in connection.execute(_VIEWS):
        if is_kept:
            yield f"{name} is a materialized view: what it keeps knows no policy"
        elif not _INVOKER & set(options):
            yield f"the view {name} looks with its owner's eyes; make it WITH (security_invoker)"


def _of_role(connection: sa.Connection) -> Iterator[str]:
    role = connection.execute(_ROLE).one()
    if role.is_super:
        yield f"{role.name} is a superuser, or may become one: no policy holds for it"
        return
    if role.bypasses:
        yield f"{role.name} has BYPASSRLS, or may become a role that has it"
    owned = list(connection.execute(_OWNED).scalars())
    if owned:
        yield f"{role.name} owns {len(owned)} tables, or may become their owner, and could switch the policies off"
