"""What stands at a broker, or should: topics, users, what each may do, and how much they may send and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.events.signals import SUFFIX

MECHANISM = "SCRAM-SHA-512"
EVERYONE = "*"
CLUSTER = "CLUSTER"
MIN_IN_SYNC = "min.insync.replicas"


@dataclass(frozen=True)
class Topic:
    """A topic: its partitions, the copies of each, and the settings that are not the broker's own."""

    name: str
    partitions: int
    copies: int
    settings: Mapping[str, str]


@dataclass(frozen=True, order=True)
class Access:
    """One line of the access lists; `is_prefix` makes it hold for every name that begins so."""

    user: str
    operation: str
    kind: str
    name: str
    is_prefix: bool = False
    host: str = EVERYONE
    is_allowed: bool = True

    def __str__(self) -> str:
        what = f"{self.kind.lower()}s that begin with {self.name}" if self.is_prefix else f"{self.kind} {self.name}"
        from_where = "" if self.host == EVERYONE else f" from {self.host}"
        return f"{self.user} {'may' if self.is_allowed else 'may not'} {self.operation} {what}{from_where}"


@dataclass(frozen=True)
class Shape:
    """All of it. `users` names each user's passwords by mechanism with the rounds each was hashed in.

    `quotas_by_client` are quotas of a user under one client id, in words: each would stand above the user's own.
    """

    topics: Mapping[str, Topic] = field(default_factory=dict)
    users: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    accesses: frozenset[Access] = frozenset()
    quotas: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    quotas_by_client: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Names:
    """Which names are this network's, so that a stranger's topic on a shared broker is let be.

    `also` are lines about strangers that are written all the same, and so looked for.
    """

    prefix: str
    owners: tuple[str, ...]
    partners: str = "partner."
    services: str = "service."
    also: frozenset[Access] = frozenset()

    def has_topic(self, name: str) -> bool:
        """Whether a topic has a name of ours."""
        rest = name.removeprefix(self.prefix)
        return name.startswith(self.prefix) and (
            bool(self.prefix) or rest.removesuffix(SUFFIX) in self.owners or rest.startswith(self.partners)
        )

    def has_user(self, name: str) -> bool:
        """Whether a user has a name of ours."""
        return name.startswith((self.prefix + self.partners, self.prefix + self.services))

    def touches(self, access: Access) -> bool:
        """Whether a line of the access lists is written, is about a user of ours, or reaches a name of ours."""
        if access in self.also or self.has_user(access.user) or EVERYONE in {access.user, access.name}:
            return True
        # Whoever has a right over the whole cluster may have one over what is ours.
        if access.kind == CLUSTER:
            return True
        ours = (self.prefix + self.partners, *(self.prefix + owner for owner in self.owners))
        if access.is_prefix:
            return any(access.name.startswith(name) or name.startswith(access.name) for name in ours)
        # A room's groups have its name, alone or with more behind a dot.
        return self.has_topic(access.name) or access.name.startswith(tuple(f"{name}." for name in ours[1:]))
