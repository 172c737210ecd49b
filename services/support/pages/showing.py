"""How one support is put on a screen for each side, also after a fault, and how a form makes one new thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, redirect, request

from chassis.errors import Invalid
from chassis.ids import new_token
from chassis.once import Answer, answered_once
from chassis.sealing import Ring
from chassis.unit import Unit
from chassis.web import here
from chassis.web.forms import Faults, faults_of
from chassis.web.look import page
from services.support import domain
from services.support.actions import asking
from services.support.pages import wording


def show_one(support_id: str, status: int = 200, faults: Any = None) -> Any:
    """One support as its peer or a coordinator sees it; the person shown is one audit row."""
    with here().writing() as unit:
        seen = asking.see_whole(unit, support_id)
    usual = domain.months_after(seen.today, here().policy.usual_months)
    form = request.form if faults else {"agreed_end_on": usual}
    return page("support/one.jinja", title="Support", status=status, form=form, **shown(seen, faults))


def show_mine(status: int = 200, faults: Any = None) -> Any:
    """The person's own page; who has no support and who is not shown theirs just now get the same answer."""
    with here().writing() as unit:
        seen = asking.see_own(unit)
    if seen is None:
        return page("support/none.jinja", title="Your support", status=status)
    form = request.form if faults else {}
    return page("support/mine.jinja", title="Your support", status=status, form=form, **shown(seen, faults))


def shown(seen: asking.Seen, faults: Any = None) -> dict[str, Any]:
    """What every screen of one support is given, its words opened."""
    ring = here().vault.ring(seen.tokens())
    words = (
        {one.connection_id: ring.open_text(one.what, field="what") for one in seen.connections}
        if seen.is_of_the_pair
        else {}
    )
    person, peer = ring.open_text(seen.row.person_called, "Someone"), ring.open_text(seen.row.peer_called, "Their peer")
    return {
        "seen": seen,
        "row": seen.row,
        "person": person,
        "peer": peer,
        "told": wording.names(seen.side, person, peer, "You"),
        "words": words,
        "steps": {one.connection_id: _steps(one.state) for one in seen.connections},
        "notes": [(one, ring.open_text(one.note, field="note")) for one in seen.notes],
        "outcome": domain.outcome(len(seen.alive)),
        "wording": wording,
        "lists": wording.lists(seen.side, wording.names(seen.side, person, peer, "Me")),
        "faults": faults or {},
        "key": request.form.get("key") or new_token(),
        "notice": notice() if not faults else None,
    }


def _steps(state: str) -> list[str]:
    # The nearest step and letting go; further ones follow from there, one tap each.
    first, *rest = domain.next_steps(state)
    return [first, *rest[-1:]]


def notice() -> str | None:
    """What was done just before, in words."""
    return wording.DONE.get(request.args.get("done", ""))


def home(support_id: str) -> str:
    """Where someone of the pair, or a coordinator, sees this support."""
    return "/my/support" if g.who.kind == "person" else f"/support/{support_id}"


def show_again(support_id: str, faults: Faults) -> Any:
    """The same screen with its faults."""
    return show_mine(422, faults) if g.who.kind == "person" else show_one(support_id, 422, faults)


def do(
    support_id: str,
    done: str,
    work: Callable[[Unit], Any],
    *,
    again: Callable[[Faults], Any] | None = None,
    then: str = "",
) -> Any:
    """Does something in one transaction and goes home, or to `then`; what was badly filled in is asked again."""
    try:
        with here().writing() as unit:
            work(unit)
    except Invalid as refused:
        here().note_refusal(refused)
        found = faults_of(refused)
        return again(found) if again else show_again(support_id, found)
    return redirect(f"{then or home(support_id)}?done={done}", 303)


def make(what: str, support_id: str, work: Callable[[Unit], Answer], keys: Callable[[], Ring]) -> Answer:
    """Makes one new thing from a form: the same form sent twice makes it once."""
    key = request.form.get("key", "")[:100] or new_token()
    pairs = sorted((name, value) for name, values in request.form.lists() for value in values if name != "key")
    body = repr((support_id, pairs)).encode()
    return answered_once(here(), door=f"support.{what}.web", asker=g.who.id, key=key, body=body, keys=keys, work=work)
