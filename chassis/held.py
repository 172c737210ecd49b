"""What a room keeps of who may come in: public keys of passes, and what holds somebody back whose pass lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Principal
from chassis.rows import insert_or_ignore
from chassis.tables import brakes, pass_keys

# What a brake of a kind holds back: an account altogether, its passes minted before, or all that is its partner's.
ACCOUNT, PASSES, PARTNER = "account", "passes", "partner"
# What holds somebody back, and by which number of the facts about them.
HeldOn = Callable[[sa.Connection, Principal], Mapping[str, int]]
_ON = sa.select(brakes.c.kind, brakes.c.subject, brakes.c.number).where(
    brakes.c.is_on, brakes.c.subject.in_(sa.bindparam("subjects", expanding=True))
)


def keep_key(connection: sa.Connection, key_id: str, public: str, heard_at: datetime, ends_at: datetime) -> None:
    """Keeps a public key; `public` is its parts as JSON. A key once kept is never another."""
    row = {"key_id": key_id, "public": public, "heard_at": heard_at, "ends_at": ends_at}
    insert_or_ignore(connection, pass_keys, [row])


def keys_heard(connection: sa.Connection) -> Sequence[Any]:
    """Every public key this room was told of."""
    return connection.execute(sa.select(pass_keys)).all()


def held_by_brakes(kinds: Mapping[str, str]) -> HeldOn:
    """Holds people back as heard brakes say; `kinds` says what a brake of each kind does."""

    def held_on(connection: sa.Connection, who: Principal) -> dict[str, int]:
        held: dict[str, int] = {}
        for kind, subject, number in connection.execute(
            _ON, {"subjects": [one for one in (who.id, who.partner_id) if one]}
        ):
            what = kinds.get(kind)
            if what is not None and subject == (who.partner_id if what == PARTNER else who.id):
                held[what] = max(held.get(what, 0), number)
        return held

    return held_on
