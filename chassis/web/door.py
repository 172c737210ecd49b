"""Every route names its action here; whoever may not do it is refused before the view runs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, current_app, g

from chassis.access import scope_for
from chassis.errors import Misbuilt

if TYPE_CHECKING:
    from chassis.service import Service

View = TypeVar("View", bound=Callable[..., Any])


def here() -> Service:
    """The service whose door was knocked at."""
    service: Service = current_app.extensions["beenthere"]
    return service


def door(action: str) -> Callable[[View], View]:
    """Names the action a view performs; the role table says who may (`PUBLIC` lets everyone in)."""

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.action = action
            g.scope = scope_for(here().rules, g.who, action)
            return view(*args, **kwargs)

        guarded.door_action = action  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guard


def check_doors(app: Flask, rules: Any) -> dict[str, str]:
    """Gives each endpoint's action; a route without one, or with one in no rule, keeps the service from starting."""
    actions = {}
    for endpoint, view in app.view_functions.items():
        action = getattr(view, "door_action", None)
        if action is None:
            raise Misbuilt(f"the route {endpoint} names no action; put @door(...) under its route line")
        if action != "public" and action not in rules:
            raise Misbuilt(f"the route {endpoint} names the action {action}, which is in no rule")
        actions[endpoint] = action
    return actions
