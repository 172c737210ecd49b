"""Every door says who may enter: a route without an action keeps its service from starting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint

from chassis.errors import Misbuilt
from chassis.serve import share
from chassis.service import Service
from chassis.web import door
from contracts import roles
from contracts.addresses import SERVICES, owner_of
from tests.builders import TestHouse, a_settings


def a_blueprint(*decorators: Any) -> Blueprint:
    """One door under /letters with these decorators."""
    blueprint = Blueprint("letters", __name__)

    def letters() -> str:
        return "a letter"

    view: Any = letters
    for decorate in decorators:
        view = decorate(view)
    blueprint.add_url_rule("/letters", "letters", view)
    return blueprint


def start(house: TestHouse, place: Path, *more: Blueprint) -> Service:
    """Starts the referrals room with more doors."""
    parts = house["referrals"].parts
    settings = a_settings(place)
    return Service(replace(parts, pages=(*parts.pages, *more)), settings, share(settings))


def test_a_room_with_one_more_guarded_door_starts(house: TestHouse, tmp_path: Path) -> None:
    service = start(house, tmp_path, a_blueprint(door("referral.read")))
    assert service.actions["letters.letters"] == "referral.read"
    service.close()


def test_a_route_without_an_action_keeps_its_service_from_starting(house: TestHouse, tmp_path: Path) -> None:
    with pytest.raises(Misbuilt, match=r"letters\.letters names no action"):
        start(house, tmp_path, a_blueprint())


def test_a_route_with_an_action_of_no_rule_keeps_its_service_from_starting(house: TestHouse, tmp_path: Path) -> None:
    with pytest.raises(Misbuilt, match=r"letters\.write, which is in no rule"):
        start(house, tmp_path, a_blueprint(door("letters.write")))


@pytest.mark.parametrize("room", SERVICES)
def test_every_route_of_a_room_has_an_action_of_the_table_or_is_open_to_all(house: TestHouse, room: str) -> None:
    service = house[room]
    assert set(service.actions) == set(service.app.view_functions)
    assert set(service.actions.values()) - set(roles.RULES) <= {"public"}


def unused(rules: set[str], *rooms: set[str]) -> set[str]:
    """The actions of the table that open no door."""
    return rules.difference(*rooms)


def test_every_action_of_the_table_opens_a_door(house: TestHouse) -> None:
    opened = [set(house[room].actions.values()) for room in SERVICES]
    assert unused(set(roles.RULES), *opened) == set()


def test_an_action_that_opens_no_door_is_seen() -> None:
    assert unused({"a.read", "a.write"}, {"a.read", "public"}, {"b.read"}) == {"a.write"}


def test_the_table_gives_known_roles_a_known_reach() -> None:
    for action, reaches in roles.RULES.items():
        assert reaches, action
        assert set(reaches) <= {*roles.ROLES, *roles.NARROWED}, action
        assert set(reaches.values()) <= {roles.OWN, roles.PARTNER, roles.NETWORK}, action


# What every service answers for itself, whoever owns the path behind the one origin.
_EVERYWHERE = ("/static/", "/health", "/ready", "/metrics", "/_internal", "/docs")


@pytest.mark.parametrize("room", SERVICES)
def test_a_room_answers_only_on_paths_it_owns(house: TestHouse, room: str) -> None:
    paths = {rule.rule for rule in house[room].app.url_map.iter_rules()}
    stray = {path for path in paths if owner_of(path) != room and not path.startswith(_EVERYWHERE)}
    assert stray == set()
