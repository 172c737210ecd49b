"""The whole house in one process, and the `beenthere` command; the only file that names every service."""

from __future__ import annotations

import click

from chassis import audit_command
from chassis.commands import add_to, check_commands
from chassis.events.commands import events
from chassis.house import House, open_house
from chassis.keys_command import keys
from chassis.settings import Settings
from contracts.addresses import owner_of
from contracts.roles import COMMANDS
from demo.command import run
from services.home.app import create as home
from services.home.commands import kept_heads
from services.matching.app import create as matching
from services.partners.app import create as partners
from services.partners.commands import set_up
from services.referrals.app import create as referrals
from services.reporting.app import create as reporting
from services.supervision.app import create as supervision
from services.support.app import create as support

ROOMS = {
    "home": home,
    "partners": partners,
    "referrals": referrals,
    "matching": matching,
    "support": support,
    "supervision": supervision,
    "reporting": reporting,
}


def a_house(settings: Settings, **handed: object) -> House:
    """Opens every room in this process on the embedded carrier."""
    return open_house(settings, ROOMS, owner_of, **handed)


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Been There: peer support from people who have been there."""
    if context.invoked_subcommand is None:
        context.invoke(main.commands["run"])


main.add_command(run(a_house))
main.add_command(events)
add_to(events, ROOMS)
main.add_command(keys)
main.add_command(set_up(ROOMS))
audit_command.add_to(
    audit_command.audit, list(ROOMS), "home", kept_heads, audit_command.Wanted("referrals", "handing_out")
)
main.add_command(audit_command.audit)
check_commands(main, COMMANDS)

if __name__ == "__main__":
    main()
