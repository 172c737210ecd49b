"""`beenthere events`: for whoever keeps the carrying of facts running."""

from __future__ import annotations

import click

from chassis.events.topology.command import topology


@click.group()
def events() -> None:
    """How facts are carried."""


events.add_command(topology)
