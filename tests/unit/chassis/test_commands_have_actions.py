"""No command without an action: the house does not start with one."""

from __future__ import annotations

import click
import pytest

from chassis.commands import check_commands
from chassis.errors import Misbuilt
from contracts.roles import COMMANDS
from services.__main__ import main


@click.group()
def house() -> None:
    """A house."""


@house.group()
def keys() -> None:
    """Keys."""


@keys.command("rotate")
def rotate() -> None:
    """Rotate."""


def test_every_command_of_the_house_has_an_action_and_every_action_a_command() -> None:
    assert len(COMMANDS) > 15
    check_commands(main, COMMANDS)
    check_commands(house, {"keys rotate": "keys.rotate"})


@pytest.mark.parametrize(
    ("actions", "says"),
    [({}, "keys rotate"), ({"keys rotate": "a", "keys lose": "b"}, "keys lose")],
)
def test_a_command_without_an_action_and_an_action_without_a_command_keep_it_from_starting(
    actions: dict[str, str], says: str
) -> None:
    with pytest.raises(Misbuilt, match=says):
        check_commands(house, actions)
