"""Writes the tables of the key store on PostgreSQL, and what each room's own role may do with them.

python deploy/keys_rights.py > deploy/postgres/keys.sql

Which room opens and seals which class is said in contracts/classes.py alone; here it becomes row security, so that a
room that was taken over, with the master key in its hands, still has the keys of its own classes and no others.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chassis.key_rights import BURY
from chassis.keys import NAMING_CLASS, keys
from contracts.classes import EVERY_ROOM, OPENS, SEALS

KEEPER = "keeper"
# The rooms that may destroy keys (`forgets` of their parts).
FORGETS = ("referrals",)


def sentences(*, prefix: str = "", forgets: tuple[str, ...] = FORGETS) -> Iterator[str]:
    """Every sentence, for roles that are called as their rooms after `prefix`."""
    yield from _tables()
    keeper, rooms = f"{prefix}{KEEPER}", {room: f"{prefix}{room}" for room in sorted(EVERY_ROOM)}
    everyone = ", ".join([keeper, *rooms.values()])
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA public TO {everyone}"
    for table in ("keys", "epochs"):
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {keeper}"
        yield f"CREATE POLICY keeper_all ON {table} TO {keeper} USING (true) WITH CHECK (true)"
        yield _maintained(table, keeper)
    for room, role in rooms.items():
        yield from _of_room(room, role)
    yield from _burying([keeper, *(rooms[room] for room in forgets)])
    for room in forgets:
        yield _maintained("keys", rooms[room])


def _tables() -> Iterator[str]:
    for table in keys.metadata.sorted_tables:
        yield str(CreateTable(table).compile(dialect=postgresql.dialect())).strip()
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            yield str(CreateIndex(index).compile(dialect=postgresql.dialect()))


def _of_room(room: str, role: str) -> Iterator[str]:
    opens, seals = _classes(OPENS, room), _classes(SEALS, room)
    yield f"GRANT SELECT, INSERT ON keys TO {role}"
    yield (
        f"CREATE POLICY {room}_opens ON keys FOR SELECT TO {role}"
        f" USING (gone_at IS NOT NULL OR sealed_class IN ({_listed(opens | seals)}))"
    )
    yield (
        f"CREATE POLICY {room}_makes ON keys FOR INSERT TO {role}"
        f" WITH CHECK (wrapped IS NOT NULL AND gone_at IS NULL AND sealed_class IN ({_listed(seals)}))"
    )
    # Whoever wraps by an epoch holds its row, and holding takes a right to change: the policy lets none through.
    yield f"GRANT SELECT, UPDATE (made_at) ON epochs TO {role}"
    yield f"CREATE POLICY {room}_sees ON epochs FOR SELECT TO {role} USING (true)"
    yield f"CREATE POLICY {room}_holds ON epochs FOR UPDATE TO {role} USING (true) WITH CHECK (false)"


def _burying(roles: list[str]) -> Iterator[str]:
    """Destroying, for whoever may not read what it destroys: done by the tables' owner, and nothing else is."""
    yield BURY
    yield "REVOKE ALL ON FUNCTION bury(text, text[], timestamptz) FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION bury(text, text[], timestamptz) TO {', '.join(roles)}"


def _maintained(table: str, role: str) -> str:
    """The right to let dead rows go at once, which PostgreSQL gives since 17; before, they go by themselves later."""
    inside = f"EXECUTE 'GRANT MAINTAIN ON {table} TO {role}'"
    return f"DO $$ BEGIN IF current_setting('server_version_num')::int >= 170000 THEN {inside}; END IF; END $$"


def _classes(said: Mapping[str, frozenset[str]], room: str) -> set[str]:
    return {NAMING_CLASS, *(name for name, rooms in said.items() if room in rooms)}


def _listed(names: set[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def main() -> None:
    """Writes the sentences to standard output."""
    sys.stdout.write("-- Made by deploy/keys_rights.py; docs/keys.md says what each role is for.\n")
    sys.stdout.write("".join(f"{sentence};\n" for sentence in sentences()))


if __name__ == "__main__":
    main()
