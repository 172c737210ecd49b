"""The "I am worried" screens of person and peer: 999 first, then how soon, about whom, and words if there are any."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, g, redirect, request

from chassis.access import may
from chassis.errors import NotFound
from chassis.ids import new_token
from chassis.web import door, here
from chassis.web.forms import read_form
from chassis.web.look import page
from services.support import schemas, store
from services.support.actions import worrying
from services.support.pages import showing, wording

blueprint = Blueprint("support_worry_pages", __name__)
ABOUT_OF_PERSON = {"person": "Me", "peer": "My peer", "other": "Someone or something else"}
ABOUT_OF_PEER = {
    "person": "The person I support",
    "peer": "Me",
    "supervisor": "My supervisor",
    "partner": "My organisation",
    "other": "Someone or something else",
}


@blueprint.get("/my/support/worry")
@door("worry.raise")
def own() -> Any:
    """The form on the person's side; it is there whether or not a support is."""
    _check_side(is_person=True)
    return _form("/my/support", ABOUT_OF_PERSON)


@blueprint.post("/my/support/worry")
@door("worry.raise")
def raise_own() -> Any:
    """Takes the person's worry in."""
    _check_side(is_person=True)
    return _take(None, "/my/support", ABOUT_OF_PERSON)


@blueprint.get("/support/<uuid:support_id>/worry")
@door("worry.raise")
def of_peer(support_id: Any) -> Any:
    """The form on the peer's side."""
    _check_side(is_person=False)
    with here().reading() as unit:
        store.support(unit.scope, unit, str(support_id))
    return _form(f"/support/{support_id}", ABOUT_OF_PEER)


@blueprint.post("/support/<uuid:support_id>/worry")
@door("worry.raise")
def raise_of_peer(support_id: Any) -> Any:
    """Takes the peer's worry in."""
    _check_side(is_person=False)
    return _take(str(support_id), f"/support/{support_id}", ABOUT_OF_PEER)


def _check_side(*, is_person: bool) -> None:
    if (g.who.kind == "person") != is_person:
        raise NotFound()


def _back(to: str) -> str:
    """Where somebody goes back to; whoever came by a private link without its word, to where things stand."""
    is_narrowed = g.who.kind == "person" and not may(here().rules, g.who, "support.own")
    return "/my/referral/standing" if is_narrowed else to


def _form(back: str, about: dict[str, str], status: int = 200, faults: Any = None) -> Any:
    return page(
        "support/worry.jinja", title="I am worried", status=status, at=back, back=_back(back), about=about,
        levels=wording.LEVELS,
        form=request.form if faults else {"about": "person"}, faults=faults or {}, key=new_token(),
    )  # fmt: skip


def _take(support_id: str | None, back: str, about: dict[str, str]) -> Any:
    given, faults = read_form(schemas.WorrySchema(), request.form, beside=("key",))
    if faults:
        return _form(back, about, 422, faults)
    asked = worrying.read_worry(here(), g.who, support_id, given)
    work = partial(worrying.raise_worry, worry=asked)
    showing.make("worry", support_id or g.who.id, work, partial(worrying.worry_ring, here(), asked))
    return redirect(f"{back}/worry/taken?level={given['level']}", 303)


@blueprint.get("/my/support/worry/taken")
@door("worry.raise")
def own_taken() -> Any:
    """What happens now, after the person's worry."""
    _check_side(is_person=True)
    return _taken("/my/support")


@blueprint.get("/support/<uuid:support_id>/worry/taken")
@door("worry.raise")
def taken_of_peer(support_id: Any) -> Any:
    """What happens now, after the peer's worry."""
    _check_side(is_person=False)
    with here().reading() as unit:
        store.support(unit.scope, unit, str(support_id))
    return _taken(f"/support/{support_id}")


def _taken(back: str) -> Any:
    level = request.args.get("level", type=int)
    return page(
        "support/worried.jinja", title="Your worry is with us", back=_back(back),
        is_emergency=level == worrying.EMERGENCY, says=worrying.SAYS.get(level or 0, worrying.SAYS[1]),
    )  # fmt: skip
