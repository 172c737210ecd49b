"""The broker on paper: the topology file agrees with what the rooms hear, compose with the broker of the tests."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from chassis.events.topology.written import read
from contracts.addresses import SERVICES
from tests.architecture.the_code import ROOT
from tests.builders import TestHouse
from tests.parts.kafka import guarded

FILE = ROOT / "deploy" / "kafka" / "topology.toml"
WRITTEN = read(FILE, "single")


SIGNALS = "partners.signals"


def test_there_is_a_topic_for_each_room_one_of_signals_and_no_other() -> None:
    assert set(WRITTEN.shape().topics) == {*SERVICES, SIGNALS}
    signals = WRITTEN.shape().topics[SIGNALS]
    assert (signals.partitions, signals.settings["retention.ms"]) == (1, "3600000")


def reads(room: str) -> set[str]:
    """The topics of facts a room may read by the file, its own left out."""
    accesses = WRITTEN.shape().accesses
    found = {a.name for a in accesses if (a.user, a.operation, a.kind) == (f"service.{room}", "READ", "TOPIC")}
    return found - {room, SIGNALS}


def test_one_room_says_signals_and_every_other_hears_them() -> None:
    about = {(a.user, a.operation) for a in WRITTEN.shape().accesses if a.name == SIGNALS}
    others = set(SERVICES) - {"partners"}
    assert about == {("service.partners", "WRITE"), *((f"service.{room}", "READ") for room in others)}


@pytest.mark.parametrize("room", SERVICES)
def test_a_room_may_read_the_topics_of_the_rooms_it_hears_and_no_others(house: TestHouse, room: str) -> None:
    assert reads(room) == set(house[room].parts.topics())


def test_no_partner_is_at_the_broker_before_a_region_says_so_and_no_password_stands_in_the_file() -> None:
    assert WRITTEN.data["partners"]["codes"] == []
    words = re.sub(r"#.*", "", FILE.read_text())
    assert not re.search(r"secret|password\s*=|token", words)


# ---- the composed broker

COMPOSED: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OPENED: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "kafka" / "partners.yml").read_text())
_WHERE = ("listeners", "advertised.listeners", "listener.security.protocol.map")


def properties(environment: dict[str, str]) -> dict[str, str]:
    """The broker's settings, as the image reads them from its environment."""
    names = {name: name.removeprefix("KAFKA_").lower().replace("_", ".") for name in environment}
    return {names[name].replace("...", "-").replace("..", "_"): text for name, text in environment.items()}


def composed(*, to_partners: bool) -> dict[str, str]:
    more = OPENED["services"]["kafka"]["environment"] if to_partners else {}
    return properties({**COMPOSED["kafka"]["environment"], **more})


def test_the_composed_broker_is_guarded_as_the_one_the_tests_run_on() -> None:
    tried = guarded(dict.fromkeys(_WHERE, ""), "", "", "/run/secrets/partners_tls")
    settings = composed(to_partners=True)
    for name, text in tried.items():
        if name not in _WHERE:
            assert settings[name] == text, name


@pytest.mark.parametrize("to_partners", [False, True])
def test_nobody_comes_to_the_broker_without_a_name_but_from_inside_and_no_partner_without_tls(
    to_partners: bool,
) -> None:
    settings = composed(to_partners=to_partners)
    protocols = dict(pair.split(":") for pair in settings["listener.security.protocol.map"].split(","))
    listeners = dict(one.split("://") for one in settings["listeners"].split(","))
    assert set(listeners) == set(protocols)
    for name, address in listeners.items():
        assert protocols[name] != "PLAINTEXT" or address.startswith("127.0.0.1:"), name
    assert protocols["SERVICES"] == "SASL_PLAINTEXT"
    assert protocols.get("PARTNERS") == ("SASL_SSL" if to_partners else None)


def test_only_whoever_makes_the_broker_shares_its_network() -> None:
    inside = [name for name, started in COMPOSED.items() if started.get("network_mode") == "service:kafka"]
    assert inside == ["topics"]
    assert COMPOSED["topics"]["environment"]["BEENTHERE_KAFKA"] in composed(to_partners=False)["listeners"]


@pytest.mark.parametrize("room", SERVICES)
def test_each_room_signs_in_under_its_own_name(room: str) -> None:
    for process in ("web", "carry"):
        environment = COMPOSED[f"{room}-{process}"]["environment"]
        assert environment["BEENTHERE_KAFKA_USER"] in WRITTEN.shape().users
        assert environment["BEENTHERE_KAFKA_USER"] == f"service.{room}"


def test_the_partners_listener_stays_on_this_machine_until_somebody_means_it() -> None:
    assert OPENED["services"]["kafka"]["ports"] == ["${PARTNERS_BIND:-127.0.0.1}:9094:9094"]
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "deploy" / "kafka" / "partners.yml").read_text()))
    assert asked - set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)) == set()
