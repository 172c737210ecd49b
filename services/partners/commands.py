"""`beenthere set-up`: the first organisation of a new network, and the two people who let everybody else in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import click

from chassis.commands import Rooms, opened
from chassis.service import Service
from chassis.working_days import LONDON
from contracts.needs import AREAS
from contracts.partners import KINDS
from contracts.roles import ADMINISTRATOR, NETWORK_LEAD
from services.partners.actions import setting_up
from services.partners.schemas import JoinSchema, OpenSchema, loaded

_LASTS = timedelta(days=7)


def set_up(rooms: Rooms) -> click.Command:
    """The command; `rooms` opens the partners room."""

    @click.command("set-up")
    @click.option("--data", default="var", show_default=True, help="the embedded house's folder")
    @click.option("--name", required=True, help="the organisation that runs the network")
    @click.option("--code", required=True, help="its short name, such as north-trust")
    @click.option("--kind", required=True, type=click.Choice(KINDS))
    @click.option("--area", required=True, type=click.Choice(sorted(AREAS)))
    @click.option("--ods-code", default=None, help="its ODS code; an NHS body has one")
    @click.option("--agreement-ends", required=True, type=click.DateTime(["%Y-%m-%d"]), help="YYYY-MM-DD")
    @click.option("--lead", nargs=2, required=True, help="name and e-mail address of the network lead")
    @click.option("--administrator", nargs=2, required=True, help="name and e-mail address of the administrator")
    def command(data: str, lead: tuple[str, str], administrator: tuple[str, str], **asked: Any) -> None:
        """Begin a new network: its first organisation, a network lead and an administrator.

        Each is given a link that works once, for seven days, and is shown only here. They are two people, because what
        one of them asks for another confirms.
        """
        with opened(rooms, "partners", data, is_new=True) as service:
            ends_on = asked.pop("agreement_ends").date().isoformat()
            starts_on = service.clock.now().astimezone(LONDON).date().isoformat()
            asked["agreement"] = {"starts_on": starts_on, "ends_on": ends_on}
            people = [(*lead, NETWORK_LEAD), (*administrator, ADMINISTRATOR)]
            for called, token in begin(service, asked, people):
                click.echo(f"{called}: {service.settings.our_origin}/sign-in/invitation/{token}")
            service.pump()

    return command


def begin(service: Service, asked: dict[str, Any], people: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """Takes the first organisation in and invites its people; gives each name with the token of the invitation."""
    joins = loaded(JoinSchema(), asked)
    opens = [
        loaded(OpenSchema(), {"called": called, "email": email, "roles": [role]}) for called, email, role in people
    ]
    ids = [service.ids.new() for _ in people]
    make: Callable[..., Any] = service.vault.make
    ring = make(ids[0], setting_up.CLASSES)
    for account_id in ids[1:]:
        ring = ring.joined(make(account_id, setting_up.CLASSES))
    name_login = partial(service.ids.named, "login")
    with service.writing(ring) as unit:
        return setting_up.begin(unit, joins, list(zip(ids, opens, strict=True)), _LASTS, name_login)
