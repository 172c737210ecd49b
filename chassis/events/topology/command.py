"""`beenthere events topology`: what would be done, doing it, and whether anything differs from what is written."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from chassis.errors import Trouble
from chassis.events.topology.cluster import Cluster, ClusterRefused
from chassis.events.topology.differences import Difference, MakeUser, differences
from chassis.events.topology.shape import Shape
from chassis.events.topology.written import Written, read
from chassis.ids import new_token

FILE = "deploy/kafka/topology.toml"
# Seconds until what was changed is seen by whoever looks.
_SEEN_SECONDS = 15.0


@dataclass(frozen=True)
class _Look:
    """The file and the cluster, side by side."""

    written: Written
    cluster: Cluster

    @property
    def wanted(self) -> Shape:
        return self.written.shape()

    def differences(self) -> list[Difference]:
        return differences(self.wanted, self.cluster.look())


@click.group("topology")
def topology() -> None:
    """Topics, users, access lists and quotas of the broker, as deploy/kafka/topology.toml says."""


def _asked(command: Callable[..., None]) -> Callable[..., None]:
    """The options every one of these commands takes."""
    for option in reversed(
        [
            click.option("--file", "path", type=click.Path(path_type=Path), default=FILE, show_default=True),
            click.option("--copies", default="single", show_default=True, help="which line of [copies] holds"),
            click.option("--kafka", envvar="BEENTHERE_KAFKA", required=True, help="host:port; or BEENTHERE_KAFKA"),
            click.option("--prefix", envvar="BEENTHERE_TOPIC_PREFIX", default="", help="before every name"),
        ]
    ):
        command = option(command)
    return command


@topology.command()
@_asked
def plan(**asked: Any) -> None:
    """Say what apply would do; changes nothing."""
    with _looking(**asked) as look:
        for one in look.differences():
            click.echo(one.will)


@topology.command()
@click.option("--silent", is_flag=True, help="show no password that is made: what is shown here may be kept in a log")
@_asked
def apply(silent: bool, **asked: Any) -> None:
    """Make the broker as it is written; a second time there is nothing to do.

    A new user's password is taken from KAFKA_PASSWORD_<USER>, for rooms also from KAFKA_PASSWORD_SERVICES; without
    one it is made, and shown this once.
    """
    with _looking(**asked) as look:
        found = look.differences()
        for one in found:
            if one.step is None:
                click.echo(one.will, err=True)
                continue
            password = _password(look.written, one.step.user) if isinstance(one.step, MakeUser) else _Password("")
            look.cluster.do(one.step, password.text)
            click.echo(one.will)
            password.show(silent=silent)
        if any(one.step for one in found):
            _wait_until_seen(look)


@topology.command()
@_asked
def drift(**asked: Any) -> None:
    """Name every difference; says nothing, and ends well, when there is none."""
    with _looking(**asked) as look:
        found = look.differences()
        for one in found:
            click.echo(one.says)
    sys.exit(1 if found else 0)


@topology.command()
@click.argument("user")
@_asked
def password(user: str, **asked: Any) -> None:
    """Give USER a new password in place of the old, from the environment or made and shown this once."""
    with _looking(**asked) as look:
        name = look.written.prefix + user.removeprefix(look.written.prefix)
        if name not in look.wanted.users:
            raise click.ClickException(f"{name} is no user of {asked['path']}.")
        given = _password(look.written, name)
        look.cluster.set_password(name, given.text, max(look.wanted.users[name].values()))
        click.echo(f"new password: {name}")
        given.show()


@contextmanager
def _looking(path: Path, copies: str, kafka: str, prefix: str) -> Iterator[_Look]:
    """Opens the file and the cluster; whatever is wrong with them is said in plain words, and the end is 2."""
    # Whoever starts the house need not wait for Kafka's client to be read in.
    from chassis.events.bus.kafka.cluster import KafkaCluster
    from chassis.events.bus.kafka.signing_in import SignIn

    environment = os.environ.get
    sign_in = SignIn(*(environment(f"BEENTHERE_KAFKA_{name}", "") for name in ("USER", "PASSWORD", "CA")))
    try:
        written = read(path, copies, prefix)
        cluster = KafkaCluster(kafka, written.names, sign_in)
        try:
            yield _Look(written, cluster)
        finally:
            cluster.close()
    except Trouble as trouble:
        click.echo(trouble.says, err=True)
        sys.exit(2)


@dataclass(frozen=True)
class _Password:
    text: str
    made_for: str = ""

    def show(self, *, silent: bool = False) -> None:
        if self.made_for and silent:
            click.echo(
                f"nobody knows the password of {self.made_for}: beenthere events topology password gives a new one"
            )
        elif self.made_for:
            click.echo(f"password of {self.made_for}, shown this once: {self.text}")


def _password(written: Written, user: str) -> _Password:
    name = user.removeprefix(written.prefix)
    asked = ["KAFKA_PASSWORD_" + re.sub(r"[^A-Z0-9]", "_", name.upper())]
    if name.startswith("service."):
        asked.append("KAFKA_PASSWORD_SERVICES")
    given = next((text for text in map(os.environ.get, asked) if text), "")
    return _Password(given) if given else _Password(new_token(), user)


def _wait_until_seen(look: _Look) -> None:
    ends = time.monotonic() + _SEEN_SECONDS
    while left := [one.says for one in look.differences() if one.step]:
        if time.monotonic() > ends:
            raise ClusterRefused("Kafka took these and does not show them: " + "; ".join(left))
        time.sleep(0.1)
