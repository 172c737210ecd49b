"""What differs between what should stand at a broker and what does, each named, with the step that mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chassis.events.topology.shape import CLUSTER, MECHANISM, MIN_IN_SYNC, Access, Shape, Topic


@dataclass(frozen=True)
class MakeTopic:
    """Makes a topic."""

    topic: Topic


@dataclass(frozen=True)
class ChangeSetting:
    """Sets one setting of a topic; None gives it back to the broker's own."""

    topic: str
    name: str
    value: str | None


@dataclass(frozen=True)
class MakeUser:
    """Gives a user a password."""

    user: str
    rounds: int


@dataclass(frozen=True)
class DropPassword:
    """Takes one password of a user away."""

    user: str
    mechanism: str


@dataclass(frozen=True)
class ChangeQuota:
    """Sets one quota of a user; None takes it away."""

    user: str
    name: str
    value: float | None


@dataclass(frozen=True)
class Allow:
    """Adds a line to the access lists."""

    access: Access


@dataclass(frozen=True)
class Forbid:
    """Takes a line out of the access lists."""

    access: Access


Step = MakeTopic | ChangeSetting | MakeUser | DropPassword | ChangeQuota | Allow | Forbid


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be; without a step it is a person's to mend, and `says` tells how."""

    says: str
    will: str
    step: Step | None = None


def differences(wanted: Shape, found: Shape) -> list[Difference]:
    """Every difference, in the order in which it is safe to mend them: rights go before anything new comes."""
    return [
        *_rights_to_take(wanted, found),
        *_users_to_drop(wanted, found),
        *_topics(wanted, found),
        *_quotas(wanted, found),
        *_users_to_make(wanted, found),
        *_rights_to_give(wanted, found),
    ]


def _rights_to_take(wanted: Shape, found: Shape) -> Iterator[Difference]:
    for access in sorted(found.accesses - wanted.accesses):
        says = f"access too much: {access}"
        if access.kind == CLUSTER and access.user not in {*wanted.users, *found.users}:
            # A broker that others use too may not work without it.
            yield Difference(says, f"by hand: {says}; take it away, or write it under also_right")
            continue
        yield Difference(says, f"take away: {access}", Forbid(access))


def _rights_to_give(wanted: Shape, found: Shape) -> Iterator[Difference]:
    for access in sorted(wanted.accesses - found.accesses):
        yield Difference(f"access missing: {access}", f"allow: {access}", Allow(access))


def _users_to_drop(wanted: Shape, found: Shape) -> Iterator[Difference]:
    for user, passwords in sorted(found.users.items()):
        for mechanism in sorted(passwords):
            if mechanism in wanted.users.get(user, {}):
                continue
            what = "user too much" if user not in wanted.users else "password too much"
            says = f"{what}: {user} ({mechanism})"
            yield Difference(says, f"take away: password of {user} ({mechanism})", DropPassword(user, mechanism))


def _users_to_make(wanted: Shape, found: Shape) -> Iterator[Difference]:
    for user, passwords in sorted(wanted.users.items()):
        rounds = found.users.get(user, {}).get(MECHANISM)
        if rounds is None:
            step = MakeUser(user, passwords[MECHANISM])
            yield Difference(f"user missing: {user}", f"make user: {user} ({MECHANISM})", step)
        elif rounds < passwords[MECHANISM]:
            says = f"password of {user} is hashed in {rounds} rounds, not {passwords[MECHANISM]}"
            yield Difference(says, f"by hand: beenthere events topology password {user}")


def _topics(wanted: Shape, found: Shape) -> Iterator[Difference]:
    for name, topic in sorted(wanted.topics.items()):
        there = found.topics.get(name)
        if there is None:
            yield Difference(f"topic missing: {name}", f"make topic: {_described(topic)}", MakeTopic(topic))
            continue
        if there.partitions != topic.partitions:
            says = f"topic {name} has {there.partitions} partitions, not {topic.partitions}"
            # Streams would move to other partitions with their older facts left behind.
            yield Difference(says, f"by hand: {says}; a topic keeps its partitions for life")
        if there.copies != topic.copies:
            says = f"topic {name} has {there.copies} copies, not {topic.copies}"
            yield Difference(says, f"by hand: {says}; move them with kafka-reassign-partitions")
        yield from _settings(topic, there)
    for name in sorted(found.topics.keys() - wanted.topics.keys()):
        says = f"topic too much: {name}"
        yield Difference(says, f"by hand: {says}; nothing here deletes what was kept")


def _described(topic: Topic) -> str:
    settings = " ".join(f"{name}={text}" for name, text in sorted(topic.settings.items()))
    return f"{topic.name}, {topic.partitions} partitions, {topic.copies} copies, {settings}"


def _settings(topic: Topic, there: Topic) -> Iterator[Difference]:
    for name in sorted({*topic.settings, *there.settings}):
        wants, has = topic.settings.get(name), there.settings.get(name)
        if wants == has:
            continue
        said = "the broker's own" if has is None else has
        meant = "the broker's own" if wants is None else wants
        says = f"topic {topic.name} has {name}={said}, not {meant}"
        if name == MIN_IN_SYNC and wants and int(wants) > there.copies:
            # It would take no fact any more.
            yield Difference(says, f"by hand: {says}; give topic {topic.name} its copies first")
            continue
        yield Difference(says, f"change topic {topic.name}: {name}={meant}", ChangeSetting(topic.name, name, wants))


def _quotas(wanted: Shape, found: Shape) -> Iterator[Difference]:
    for user in sorted({*wanted.quotas, *found.quotas}):
        should, does = wanted.quotas.get(user, {}), found.quotas.get(user, {})
        for name in sorted({*should, *does}):
            wants, has = should.get(name), does.get(name)
            if wants != has:
                says = f"quota of {user}: {name} is {_number(has)}, should be {_number(wants)}"
                yield Difference(says, f"quota of {user}: {name}={_number(wants)}", ChangeQuota(user, name, wants))
    for text in sorted(found.quotas_by_client):
        says = f"quota too much: {text}"
        yield Difference(says, f"by hand: {says}; take it away with kafka-configs, for it stands above the user's own")


def _number(value: Any) -> str:
    return "not set" if value is None else f"{value:g}" if value != int(value) else str(int(value))
