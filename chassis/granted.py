"""The key store as one room sees it: its grants, a cache of at most a minute, and whom it knows to be forgotten."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from chassis.epochs import CACHE_SECONDS
from chassis.errors import Conflict, Misbuilt
from chassis.sealing import Pair

Grants = Mapping[str, frozenset[str]]


class ClassNotGranted(Misbuilt):
    """A room asked for a class of key it has no grant on."""


class OwnerForgotten(Conflict):
    """The human being is forgotten; nothing can be sealed for them again."""

    says = "This person was forgotten; nothing more is kept about them."


class Store(Protocol):
    """What a room's grants stand in front of."""

    def fetch(self, pairs: list[Pair]) -> dict[Pair, bytes | None]: ...

    def make(self, pairs: list[Pair]) -> dict[Pair, bytes]: ...

    def forget(self, owner_id: str, classes: Iterable[str]) -> None: ...

    def rotate(self) -> int: ...

    def is_due(self, days: int) -> bool: ...

    def age_seconds(self) -> float: ...

    def graves(self) -> dict[str, datetime]: ...

    def count_graves(self) -> int: ...

    def answers(self) -> bool: ...


class ServiceKeys:
    """The key store as one room sees it: its grants, and a cache of at most a minute."""

    def __init__(
        self, store: Store, may_open: frozenset[str], may_seal: frozenset[str], forgets: frozenset[str] | None = None
    ) -> None:
        """`forgets` names every class there is, for a room that may destroy keys."""
        self._store = store
        self.may_open = may_open
        self._may_seal, self._forgets = may_seal, forgets
        self._cache: dict[Pair, tuple[float, bytes]] = {}
        # Whom this room knows to be forgotten though the store has keys of theirs, as one put back from a copy may.
        self._withheld: frozenset[str] = frozenset()

    def fetch(self, pairs: Iterable[Pair]) -> dict[Pair, bytes | None]:
        wanted = list(pairs)
        self._check(wanted, self.may_open)
        gone = {pair: None for pair in wanted if pair[0] in self._withheld}
        if gone:
            return {**gone, **self._found([pair for pair in wanted if pair not in gone])}
        return self._found(wanted)

    def _found(self, wanted: list[Pair]) -> dict[Pair, bytes | None]:
        found, missing = self._cached(wanted)
        if missing:
            fresh = self._store.fetch(missing)
            self._keep({pair: key for pair, key in fresh.items() if key is not None})
            found.update(fresh)
        return found

    def make(self, pairs: Iterable[Pair]) -> dict[Pair, bytes]:
        wanted = list(pairs)
        self._check(wanted, self._may_seal)
        if any(owner in self._withheld for owner, _ in wanted):
            raise OwnerForgotten()
        made = self._store.make(wanted)
        self._keep(made)
        return made

    def answers(self) -> bool:
        """Says whether the key store answers now."""
        return self._store.answers()

    def forget(self, owner_id: str) -> None:
        """Destroys every key of a human being, for good."""
        if self._forgets is None:
            raise ClassNotGranted("this room may destroy no keys")
        self._store.forget(owner_id, self._forgets)
        self.drop([owner_id])

    def rotate_when_older(self, days: int) -> int:
        """Rotates when an epoch is so many days old, or a rotation was stopped; gives how many keys moved."""
        if self._forgets is None:
            raise ClassNotGranted("this room may rotate no keys")
        return self._store.rotate() if self._store.is_due(days) else 0

    @property
    def may_forget(self) -> bool:
        """Whether this room may destroy keys."""
        return self._forgets is not None

    def epoch_age_seconds(self) -> float:
        """How long ago the newest epoch began, or the one of a rotation that is not finished."""
        return self._store.age_seconds()

    def graves(self) -> dict[str, datetime]:
        """Everybody who has a gravestone, and since when."""
        return self._store.graves()

    def count_graves(self) -> int:
        """How many gravestones there are, of all classes."""
        return self._store.count_graves()

    def withhold(self, owner_ids: Collection[str]) -> None:
        """From now on nothing of these opens here and nothing is sealed for them, whatever the store still has."""
        self._withheld = frozenset(owner_ids)
        self.drop(owner_ids)

    def drop(self, owner_ids: Iterable[str]) -> None:
        """Drops what is held in memory for some human beings."""
        gone = set(owner_ids)
        for pair in [pair for pair in list(self._cache) if pair[0] in gone]:
            self._cache.pop(pair, None)

    def forget_cache(self) -> None:
        """Drops every key held in memory."""
        self._cache.clear()

    def _check(self, pairs: list[Pair], granted: frozenset[str]) -> None:
        refused = {name for _, name in pairs} - granted
        if refused:
            raise ClassNotGranted(f"this room has no grant on the sealed class {', '.join(sorted(refused))}")

    def _cached(self, pairs: list[Pair]) -> tuple[dict[Pair, bytes | None], list[Pair]]:
        oldest = time.monotonic() - CACHE_SECONDS
        found: dict[Pair, bytes | None] = {}
        for pair in pairs:
            held = self._cache.get(pair)
            if held and held[0] >= oldest:
                found[pair] = held[1]
        return found, [pair for pair in pairs if pair not in found]

    def _keep(self, made: Mapping[Pair, bytes]) -> None:
        if len(self._cache) > 20_000:
            self._cache.clear()
        now = time.monotonic()
        self._cache.update({pair: (now, key) for pair, key in made.items()})
