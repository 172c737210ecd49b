"""Every route names its action here; whoever may not do it is refused before the view runs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, current_app, g

from chassis.access import PUBLIC, scope_for
from chassis.errors import Misbuilt, Retry

if TYPE_CHECKING:
    from chassis.service import Service

View = TypeVar("View", bound=Callable[..., Any])


class NotUpToDate(Retry):
    """This room has not heard for 30 seconds who may still come in, so it shows and decides nothing."""

    says = (
        "We cannot be sure just now who may see what, so nothing is shown or changed. Nothing was lost. Try again in a "
        "moment. What must not be lost or wait is taken all the same."
    )


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
            house = here()
            g.scope = scope_for(house.rules, g.who, action, is_partner_held=house.entry.is_partner_held(g.who))
            if action not in {PUBLIC, *house.must_not_wait} and not house.watch.is_up_to_date():
                raise NotUpToDate()
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
        if action != PUBLIC and action not in rules:
            raise Misbuilt(f"the route {endpoint} names the action {action}, which is in no rule")
        actions[endpoint] = action
    return actions
