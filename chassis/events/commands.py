"""`beenthere events`: for whoever keeps the carrying of facts running."""

from __future__ import annotations

import click

from chassis.events.parked_command import parked
from chassis.events.topology.command import topology


@click.group()
def events() -> None:
    """How facts are carried."""


events.add_command(topology)
events.add_command(parked)
