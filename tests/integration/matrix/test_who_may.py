"""A share of what `make matrix` asks, the table of verdicts it rests on, and that it would notice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from contracts import roles
from tests.matrix import fields, mutants, table
from tests.matrix.asking import Asking, Route, routes
from tests.matrix.asserts import ACTIONS, EVERYONE, cells_of, hold, hold_all, hold_decisions, hold_list, listed
from tests.matrix.table import Cell, Row, Table, Unfit
from tests.matrix.tally import Tally
from tests.matrix.world import a_matrix_world

# Every so many routes and mutants are asked here; all of them by the command.
SHARE, SHARE_OF_MUTANTS = 14, 9


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    world = a_matrix_world(tmp_path_factory.mktemp("matrix"), table.ORDINARY, relaxed=True)
    yield Asking(world)
    world.house.close()


def every(asking: Asking) -> list[Route]:
    return routes(asking.world)


# ---- the table


def row(what: str = "*", role: tuple[str, ...] = (), verdict: str = table.IN, state: tuple[str, ...] = ()) -> Row:
    return Row(1, what, (), role, (), state, verdict)


CELL = Cell("referral.read", "/referrals", "GET", "referrer", table.NONE, table.ORDINARY)


def test_the_most_specific_row_wins_and_an_address_is_narrower_than_an_action() -> None:
    rows = [row(verdict=table.NOT_ALLOWED), row("referral.read"), row("/referrals", verdict=table.NOT_FOUND)]
    assert [Table(rows[:count]).verdict(CELL) for count in (1, 2, 3)] == [
        table.NOT_ALLOWED, table.IN, table.NOT_FOUND,
    ]  # fmt: skip
    assert Table([]).verdict(CELL) is None


def test_a_row_of_a_state_wins_over_all_that_is_ordinary() -> None:
    rows = [row("/referrals", ("referrer",)), row(state=(table.STALE,), verdict=table.LATER)]
    assert Table(rows).verdict(CELL) == table.IN
    assert Table(rows).verdict(Cell(**{**vars(CELL), "state": table.STALE})) == table.LATER


def test_rows_as_narrow_as_each_other_may_not_disagree() -> None:
    rows = [row("referral.read"), row(role=("referrer",), verdict=table.NOT_ALLOWED)]
    with pytest.raises(Unfit):
        Table(rows).verdict(CELL)


def test_somebody_with_two_roles_gets_what_the_better_of_them_gets() -> None:
    said = Table([row(verdict=table.NOT_ALLOWED), row(role=("referrer",))])
    assert said.verdict(Cell(**{**vars(CELL), "role": "referrer+peer"})) == table.IN
    assert said.verdict(Cell(**{**vars(CELL), "role": "peer+commissioner"})) == table.NOT_ALLOWED


@pytest.mark.parametrize(
    "line",
    [
        "referral.reed,*,*,*,*,in,a reason", "*,FETCH,*,*,*,in,a reason", "*,*,king,*,*,in,a reason",
        "*,*,*,mine,*,in,a reason", "*,*,*,*,sunny,in,a reason", "*,*,*,*,*,perhaps,a reason", "*,*,*,*,*,in,",
    ],
)  # fmt: skip
def test_a_row_with_an_unknown_word_or_no_reason_is_refused(tmp_path: Path, line: str) -> None:
    place = tmp_path / "rows.csv"
    place.write_text(f"{','.join(table.COLUMNS)}\n{line}\n")
    with pytest.raises(Unfit):
        Table.read(ACTIONS, place)


def test_every_action_of_the_house_is_named_by_a_row_of_its_own() -> None:
    said = {one.what for one in Table.read(ACTIONS).rows}
    assert {*roles.RULES} <= said


def test_every_field_group_is_read_by_somebody_and_none_is_said_twice() -> None:
    rows = fields.read()
    assert len(rows) > 30
    assert all(one.roles for one in rows)


# ---- the house


def test_what_the_policy_decides_is_what_the_words_say() -> None:
    found = Tally()
    hold_decisions(Table.read(ACTIONS), roles.RULES, roles.RULES, EVERYONE, found)
    assert (found.lines(), found.asserts > 4000) == ([], True)


def test_a_share_of_the_routes_answers_everybody_as_the_words_say(asking: Asking) -> None:
    found, said = Tally(), Table.read(ACTIONS)
    hold_all(asking, said, list(islice(every(asking), 3, None, SHARE)), table.ORDINARY, found)
    for route in every(asking):
        for one in listed(asking, said, route):
            hold_list(asking, route, one, found)
    assert (found.lines(), found.kinds["what a list shows"] > 50) == ([], True)
    assert found.kinds["who comes in"] > 500


def test_a_share_of_the_changes_of_the_policy_is_noticed(asking: Asking) -> None:
    found = Tally()
    mutants.survivors(
        asking, Table.read(ACTIONS), every(asking), islice(mutants.of_rules(), 0, None, SHARE_OF_MUTANTS), found
    )
    assert (found.survived, found.mutants > 80) == ([], True)


def test_a_wrong_row_is_counted_and_a_route_that_no_row_names_too(asking: Asking) -> None:
    found, said = Tally(), Table.read(ACTIONS)
    turned = Table(
        [*said.rows, Row(0, "/timelines/*", ("GET",), ("coordinator",), ("another",), (), table.NOT_ALLOWED)]
    )
    route = next(one for one in every(asking) if one.rule.startswith("/timelines"))
    for cell, must in cells_of(asking, turned, route, table.ORDINARY):
        hold(asking, route, cell, must, found)
    # A coordinator, and a coordinator who is a partner lead too.
    assert found.wrong.total() == 2
    bare = Table(one for one in said.rows if one.what != "timeline.read")
    hold_all(asking, bare, [route], table.ORDINARY, found)
    assert found.without_rule == {f"home {route.name}"}
