"""The one exit: what is hidden, what is rounded, and what is never worked out from an exact number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain.disclosure import Rule, protect, to_nearest
from services.reporting.domain.figures import Count, Exact, Missing, Protected, Share, Times

RULE = Rule(least_count=5, round_to=5, share_least_count=20)
HIDDEN, TOO_FEW, NOT_SUPPLIED = Protected(marker="[c]"), Protected(marker="[u]"), Protected(marker="[x]")


def alone(figure: Exact) -> Protected:
    return protect({("m", "region"): figure}, RULE)["m", "region"]


def a_row(region: int, **areas: int) -> dict[str, Protected]:
    exact: dict[tuple[str, str], Exact] = {("m", area): Count(n, n) for area, n in {"region": region, **areas}.items()}
    return {area: figure for (_, area), figure in protect(exact, RULE).items()}


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_a_count_under_five_is_hidden_and_none_looks_the_same(count: int) -> None:
    assert alone(Count(count, count)) == HIDDEN


@pytest.mark.parametrize(
    ("count", "shown"),
    [(5, 5), (6, 5), (7, 5), (8, 10), (12, 10), (13, 15), (97, 95), (98, 100), (1003, 1005)],
)
def test_any_other_count_is_rounded_to_the_nearest_five(count: int, shown: int) -> None:
    assert alone(Count(count, count)) == Protected(shown)


def test_many_things_about_few_people_are_hidden() -> None:
    assert alone(Count(40, 4)) == HIDDEN
    assert alone(Count(40, 5)) == Protected(40)


# ---- a second one beside a hidden one ----


def test_one_hidden_area_alone_hides_the_next_smallest_too() -> None:
    shown = a_row(60, north=20, east=3, south=12, west=25)
    assert shown == {
        "region": Protected(60), "north": Protected(20), "east": HIDDEN, "south": HIDDEN, "west": Protected(25),
    }  # fmt: skip


def test_two_hidden_areas_hide_no_third() -> None:
    shown = a_row(49, north=20, east=3, south=1, west=25)
    assert (shown["north"], shown["west"]) == (Protected(20), Protected(25))


def test_no_hidden_area_hides_none() -> None:
    assert HIDDEN not in a_row(55, north=20, east=10, west=25).values()


def test_of_two_that_are_equally_small_exactly_one_is_hidden() -> None:
    shown = a_row(33, north=10, east=3, west=10, south=10)
    assert [shown[area] for area in ("north", "west", "south")].count(HIDDEN) == 1


def test_a_time_that_says_it_is_of_few_hides_no_other() -> None:
    exact: dict[tuple[str, str], Exact] = {
        ("m", "north"): Times(tuple(range(20)), 50),
        ("m", "east"): Times(tuple(range(6)), 50),
        ("m", "south"): Times(tuple(range(20)), 50),
    }
    assert [figure.marker for figure in protect(exact, RULE).values()] == [None, "[u]", None]


def test_a_hidden_time_beside_one_of_few_hides_no_third() -> None:
    exact: dict[tuple[str, str], Exact] = {
        ("m", "north"): Times(tuple(range(20)), 50),
        ("m", "east"): Times(tuple(range(6)), 50),
        ("m", "south"): Times((3,), 50),
    }
    assert [figure.marker for figure in protect(exact, RULE).values()] == [None, "[u]", "[c]"]


def test_one_measure_does_not_hide_areas_of_another() -> None:
    exact: dict[tuple[str, str], Exact] = {
        ("a", "north"): Count(3, 3),
        ("a", "east"): Count(9, 9),
        ("b", "north"): Count(9, 9),
        ("b", "east"): Count(9, 9),
    }
    shown = protect(exact, RULE)
    assert [shown[cell] for cell in exact] == [HIDDEN, HIDDEN, Protected(10), Protected(10)]


# ---- shares ----


def test_a_share_is_worked_out_from_rounded_numbers_alone() -> None:
    # 23 of 42 is 55 per cent; 25 of 40, which is all that may be known of them, is 62.5.
    assert alone(Share(23, 42, 42)) == Protected(65, 40)


@pytest.mark.parametrize(("count", "of"), [(4, 40), (0, 40)])
def test_a_share_of_which_fewer_than_five_stand_above_the_line_is_hidden(count: int, of: int) -> None:
    assert alone(Share(count, of, of)) == HIDDEN


@pytest.mark.parametrize("of", [0, 1, 4])
def test_a_share_of_fewer_than_five_is_hidden(of: int) -> None:
    assert alone(Share(of, of, of)) == HIDDEN


@pytest.mark.parametrize("of", [5, 19])
def test_a_share_of_few_is_not_worked_out_and_says_so(of: int) -> None:
    assert alone(Share(5, of, of)) == TOO_FEW


def test_a_share_about_few_peers_is_hidden_however_many_sessions_there_were() -> None:
    assert alone(Share(30, 40, 4)) == HIDDEN
    assert alone(Share(30, 40, 5)) == Protected(75, 40)


def test_all_of_all_is_a_hundred() -> None:
    assert alone(Share(40, 40, 40)) == Protected(100, 40)


# ---- times ----


def days(*found: int) -> tuple[int, ...]:
    return found


def test_half_were_done_within_the_middle_one_rounded() -> None:
    # The 5th of nine, in order, is 21 days.
    assert alone(Times(days(30, 9, 21, 40, 12, 50, 15, 33, 18), 50)) == Protected(20, 10)


@pytest.mark.parametrize("count", [0, 4])
def test_a_time_of_fewer_than_five_people_is_hidden(count: int) -> None:
    assert alone(Times(tuple(range(count)), 50)) == HIDDEN


@pytest.mark.parametrize(("count", "per_cent"), [(5, 50), (8, 50), (9, 90), (39, 90)])
def test_a_time_with_fewer_than_five_people_at_or_beyond_it_would_be_one_persons_own(count: int, per_cent: int) -> None:
    assert alone(Times(tuple(range(count)), per_cent)) == TOO_FEW


def test_nine_in_ten_were_done_within_the_thirty_sixth_of_forty() -> None:
    assert alone(Times(tuple(range(1, 41)), 90)) == Protected(35, 40)


def test_what_nobody_supplied_says_so() -> None:
    assert alone(Missing()) == NOT_SUPPLIED


# ---- over many tables ----

AREAS = st.sampled_from(["north", "east", "south", "west", "coast", "city"])
COUNTS = st.dictionaries(AREAS, st.integers(0, 60), min_size=2)


@given(COUNTS)
def test_whatever_the_counts_no_area_is_ever_hidden_alone_and_none_under_five_is_seen(areas: dict[str, int]) -> None:
    shown = a_row(sum(areas.values()), **areas)
    hidden = [area for area in areas if shown[area] == HIDDEN]
    assert len(hidden) != 1
    assert {area for area, count in areas.items() if count < 5} <= set(hidden)
    assert all(shown[area].value == to_nearest(areas[area], 5) for area in areas if area not in hidden)


@given(st.integers(0, 10_000))
def test_rounding_never_moves_a_number_by_more_than_two(number: int) -> None:
    assert abs(to_nearest(number, 5) - number) <= 2
    assert to_nearest(number, 5) % 5 == 0


@given(st.integers(5, 60), st.integers(20, 80))
def test_two_shares_with_the_same_rounded_numbers_look_alike(count: int, of: int) -> None:
    count = min(count, of)
    coarse = Share(to_nearest(count, 5), to_nearest(of, 5), 60)
    assert alone(Share(count, of, 60)) == alone(coarse)
