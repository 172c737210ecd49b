"""Reads the topology file: from a few rules for rooms and partners to every topic, user, right and quota."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.errors import Misbuilt
from chassis.events import signals
from chassis.events.foreign import INBOUND, OUTBOUND, topic_of
from chassis.events.topology.shape import MECHANISM, MIN_IN_SYNC, Access, Names, Shape, Topic

# As a partner's code is when it joins; a dot in one would let its group prefix reach another partner's groups.
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# As Kafka names them: what an access list may be about, and what it may allow.
_KINDS = {"TOPIC", "GROUP", "CLUSTER", "TRANSACTIONAL_ID", "DELEGATION_TOKEN", "USER"}
_OPERATIONS = {
    "ALL", "READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE", "CLUSTER_ACTION", "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS", "IDEMPOTENT_WRITE", "CREATE_TOKENS", "DESCRIBE_TOKENS",
}  # fmt: skip
_QUOTAS = {"producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"}
# What the broker takes; more would make every sign-in slow besides.
_ROUNDS = range(8192, 16384 + 1)
_WAYS = (INBOUND, OUTBOUND)
_TABLES = {
    "copies": dict, "owner_topics": dict, "partner_topics": dict, "signals": dict, "partner_quota": dict,
    "passwords": dict, "rooms": dict, "partners": dict,
}  # fmt: skip


class TopologyFaulty(Misbuilt):
    """The topology file cannot be used; the message lists every fault."""

    def __init__(self, faults: Iterable[str]) -> None:
        super().__init__("The topology file needs mending:\n" + "\n".join(f"- {fault}" for fault in faults))


@dataclass(frozen=True)
class Written:
    """The file as it was read, with the copies chosen and a prefix before every name."""

    data: Mapping[str, Any]
    copies: Mapping[str, int]
    prefix: str = ""

    @property
    def names(self) -> Names:
        """Which names are ours."""
        return Names(self.prefix, tuple(self.data["rooms"]), also=frozenset(self._also_right()))

    def shape(self) -> Shape:
        """Everything that should be at the broker."""
        codes = tuple(self.data["partners"]["codes"])
        rounds = {MECHANISM: int(self.data["passwords"]["rounds"])}
        users = [*map(self.service, self.data["rooms"]), *map(self.partner, codes)]
        quota = {name: float(value) for name, value in self.data["partner_quota"].items()}
        return Shape(
            topics={topic.name: topic for topic in self._topics(codes)},
            users=dict.fromkeys(users, rounds),
            accesses=frozenset({*self._of_rooms(), *self._of_partners(codes), *self._also_right()}),
            quotas=dict.fromkeys(map(self.partner, codes), quota),
        )

    def service(self, room: str) -> str:
        """The user a room signs in as."""
        return f"{self.prefix}service.{room}"

    def partner(self, code: str) -> str:
        """The user a partner signs in as."""
        return f"{self.prefix}partner.{code}"

    def _topics(self, codes: Iterable[str]) -> Iterable[Topic]:
        for room in self.data["rooms"]:
            yield self._topic(f"{self.prefix}{room}", self.data["owner_topics"])
        yield self._topic(self._signals(), self.data["signals"])
        for code in codes:
            for way in _WAYS:
                yield self._topic(topic_of(self.prefix, code, way), self.data["partner_topics"])

    def _signals(self) -> str:
        """The topic of what must be known at once and not for ever; one room says it, every room hears it."""
        return signals.topic_of(self.prefix + self.data["signals"]["room"])

    def _topic(self, name: str, rule: Mapping[str, Any]) -> Topic:
        settings = {**rule["settings"], MIN_IN_SYNC: str(self.copies["min_in_sync"])}
        return Topic(name, int(rule["partitions"]), int(self.copies["replication"]), settings)

    def _of_rooms(self) -> Iterable[Access]:
        for room, heard in self.data["rooms"].items():
            user = self.service(room)
            yield Access(user, "WRITE", "TOPIC", f"{self.prefix}{room}")
            # Its own as well: after a restore a room reads its topic back.
            for owner in (room, *heard):
                yield Access(user, "READ", "TOPIC", f"{self.prefix}{owner}")
            yield Access(user, "READ", "GROUP", f"{self.prefix}{room}")
            says = room == self.data["signals"]["room"]
            yield Access(user, "WRITE" if says else "READ", "TOPIC", self._signals())

    def _of_partners(self, codes: Iterable[str]) -> Iterable[Access]:
        room = self.data["partners"]["room"]
        reader = self.service(room)
        yield Access(reader, "READ", "GROUP", f"{self.prefix}{room}.partners")
        for code in codes:
            user, inbound, outbound = self.partner(code), *(topic_of(self.prefix, code, way) for way in _WAYS)
            yield Access(user, "WRITE", "TOPIC", inbound)
            yield Access(user, "READ", "TOPIC", outbound)
            yield Access(user, "READ", "GROUP", f"{user}.", is_prefix=True)
            yield Access(reader, "READ", "TOPIC", inbound)
            yield Access(reader, "WRITE", "TOPIC", outbound)

    def _also_right(self) -> Iterable[Access]:
        for line in self.data.get("also_right", ()):
            yield Access(**line)


def read(path: Path, copies: str, prefix: str = "") -> Written:
    """Reads the file at `path`; refuses (TopologyFaulty) with every fault at once."""
    try:
        data = tomllib.loads(path.read_text())
    except OSError as fault:
        raise TopologyFaulty([f"{path} cannot be read ({fault.strerror})"]) from None
    except ValueError as fault:
        # Also what is no text at all.
        raise TopologyFaulty([f"{path} is not TOML: {fault}"]) from None
    faults = [f"there is no table {name}" for name, kind in _TABLES.items() if not isinstance(data.get(name), kind)]
    if not faults:
        faults = list(_faults_in(data, copies))
    if faults:
        raise TopologyFaulty(faults)
    return Written(data, data["copies"][copies], prefix)


def _faults_in(data: Mapping[str, Any], copies: str) -> Iterable[str]:
    known = {*_TABLES, "also_right"}
    yield from (f"{name} is not known here" for name in data if name not in known)
    if copies not in data["copies"]:
        yield f"copies has no {copies}; it has {', '.join(data['copies'])}"
    for shape, numbers in data["copies"].items():
        if not _are_numbers(numbers, "replication", "min_in_sync"):
            yield f"copies.{shape} needs replication and min_in_sync, whole numbers of 1 or more"
    for name in ("owner_topics", "partner_topics", "signals"):
        if not _are_numbers({"partitions": data[name].get("partitions")}, "partitions"):
            yield f"{name}.partitions must be a whole number of 1 or more"
        settings = data[name].get("settings")
        if not isinstance(settings, dict) or not all(isinstance(text, str) for text in settings.values()):
            yield f"{name}.settings must be a table of texts, as Kafka takes them"
    if not _are_numbers(data["passwords"], "rounds") or data["passwords"]["rounds"] not in _ROUNDS:
        yield f"passwords.rounds must be {_ROUNDS[0]} to {_ROUNDS[-1]}"
    for name in data["partner_quota"]:
        if name not in _QUOTAS:
            yield f"partner_quota.{name} is no quota of Kafka's; there are {', '.join(sorted(_QUOTAS))}"
        elif not _are_numbers(data["partner_quota"], name):
            yield f"partner_quota.{name} must be a whole number of 1 or more"
    yield from _faults_in_names(data)
    yield from _faults_in_lines(data.get("also_right", []))


def _faults_in_names(data: Mapping[str, Any]) -> Iterable[str]:
    rooms, partners = data["rooms"], data["partners"]
    for room, heard in rooms.items():
        if not isinstance(heard, list):
            yield f"rooms.{room} must be a list of the rooms it reads"
            continue
        yield from (f"rooms.{room} reads {owner}, which is no room" for owner in heard if owner not in list(rooms))
    for name in ("partners", "signals"):
        if data[name].get("room") not in list(rooms):
            yield f"{name}.room must be one of the rooms"
    codes = partners.get("codes")
    if not isinstance(codes, list):
        yield "partners.codes must be a list"
        return
    for code in codes:
        if not isinstance(code, str) or not CODE.fullmatch(code) or len(code) > 40:
            yield f"partners.codes: {code} is no partner's code; codes are small letters, digits and single hyphens"
    yield from (f"partners.codes: {code} stands twice" for code in sorted({c for c in codes if codes.count(c) > 1}))


def _faults_in_lines(lines: Any) -> Iterable[str]:
    if not isinstance(lines, list):
        yield "also_right: write each line as [[also_right]]"
        return
    for line in lines:
        try:
            access = Access(**line)
        except TypeError:
            yield "also_right: each needs user, operation, kind and name"
            continue
        texts = (access.user, access.operation, access.kind, access.name, access.host)
        if not all(isinstance(text, str) and text for text in texts):
            yield "also_right: user, operation, kind, name and host are texts"
        elif not isinstance(access.is_prefix, bool) or not isinstance(access.is_allowed, bool):
            yield "also_right: is_prefix and is_allowed are true or false"
        elif access.kind not in _KINDS or access.operation not in _OPERATIONS:
            yield f"also_right: Kafka knows no {access.operation} of {access.kind}"


def _are_numbers(found: Any, *names: str) -> bool:
    return isinstance(found, dict) and all(type(found.get(name)) is int and found[name] >= 1 for name in names)
