"""Hostile bodies at every write route, on SQLite and PostgreSQL alike: refused, never an error, nothing repeated.

A share of what `make fuzz` sends, and what that command rests on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from chassis import jwe
from tests.fuzz import controls, corpus
from tests.fuzz.cases import CORPUS, Case, Plan, cases, hostile_case, in_turns
from tests.fuzz.corpus import CANARY
from tests.fuzz.corpus.messages import JWES
from tests.fuzz.doors import SHUT, Door
from tests.fuzz.judging import judge, repeats
from tests.fuzz.knocks import FORM, JSON, Good, Knock
from tests.fuzz.pair import Answer, Pair
from tests.fuzz.tally import Tally
from tests.parts.postgres import Databases, Postgres

SHARE, EVERY = Plan(count=260, seed=5), 3


@pytest.fixture(scope="module")
def databases(postgres_server: Postgres) -> Iterator[Databases]:
    made = Databases(postgres_server)
    yield made
    made.close()


@pytest.fixture(scope="module")
def pair(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both houses, with the same story."""
    rooms = ("home", "partners", "referrals", "matching", "support", "supervision", "reporting")
    made = Pair.opened(tmp_path_factory.mktemp("fuzz"), databases.of(*rooms), databases.empty())
    yield made
    made.close()


def door_of(pair: Pair, name: str) -> Door:
    return next(door for door in pair.doors if door.name == name)


# ---- what every run rests on


def test_every_write_route_has_a_good_request_that_both_databases_take(pair: Pair) -> None:
    assert [door.name for door in pair.doors if not door.is_known] == []
    assert len(pair.doors) > 150
    for name in SHUT:
        method, path = name.split()
        assert {one.status for one in pair.send(Knock("nobody", method, path), "shut").values()} == {404}
    for door in pair.doors:
        answers = pair.send(door.knock(), "good")
        told = {name: (one.status, one.body[:300]) for name, one in answers.items()}
        assert all(one.status in {200, 201, 202, 204, 303} for one in answers.values()), (door.name, told)
        assert judge(answers, door, frozenset()) == set(), (door.name, told)


def test_what_a_case_changes_is_undone_after_it(pair: Pair) -> None:
    knock = door_of(pair, "POST /api/v1/referrals/<uuid:referral_id>/decline").knock()
    first = pair.send(knock, "undone")
    assert {one.status for one in first.values()} == {200}
    again = pair.send(knock, "undone")
    assert {name: one.verdict for name, one in first.items()} == {name: one.verdict for name, one in again.items()}
    # In one and the same case it does stay: the second time it is declined already.
    twice = pair.send(Knock(**{**vars(knock), "is_twice": True}), "undone")
    assert {one.status for one in twice.values()} == {409}


def test_each_kind_of_wrong_is_counted_where_it_was_planted(databases: Databases, tmp_path: Path) -> None:
    caught = controls.run(tmp_path, databases.of("home"), databases.empty())
    assert caught == dict.fromkeys(controls.PLANTED, 1)


# ---- the corpus


def test_there_are_hundreds_of_hostile_bodies_and_each_has_a_name_of_its_own() -> None:
    assert corpus.own_count() >= 300
    good = Good("somebody", {}, {"name": "x", "entries": [{"theme": "x"}]}, JSON)
    names = [one.name for one in corpus.for_door(good)]
    assert len(names) == len(set(names)) > 300
    for words in (
        "deep: lists 100,000 deep", "deep: objects", "NUL", "surrogate: half a pair", "surrogate as bytes",
        "name twice",
        "NaN", "minus zero", "1e400", "2^31", "2^63", "100,000 digits", "400,000 characters", "a billion laughs",
        "gzip bomb", "deflate bomb without a word", "formula", "kind: null", "in utf-8-sig", "in utf-16", "UTF-7",
        "overlong", "cut to a half", "and then", "202e", "zero width", "combining flood", "look alike", "decomposed",
        "kind text/plain", "parts: a file", "in chunks", "a length of",
    ):  # fmt: skip
        assert any(words in name for name in names), words


def test_a_share_of_the_corpus_is_refused_alike_at_every_route(pair: Pair) -> None:
    tally = Tally()
    found: list[tuple[str, str, set[str]]] = []
    some = pair.doors[1::EVERY]
    for number, (door, hostile) in enumerate(in_turns(some, SHARE, SHARE.count)):
        case = hostile_case(SHARE, number, door, hostile)
        answers = pair.send(case.knock, case.seed)
        tally.take(case, answers)
        if wrong := judge(answers, door, case.must):
            found.append((door.name, case.name, wrong))
    assert found == []
    assert tally.count == SHARE.count
    assert [door.name for door in some if not tally.met[door.name]] == []
    assert len(some) > 60


# What is written out here by hand: the answer each family gets at a door of each kind.
STATUSES = {
    "deep: lists 40 deep": 400, "deep: objects 1,000 deep": 400, "broken: NUL": 400, "surrogate: half a pair": 400,
    "bytes: surrogate as bytes": 400, "bytes: overlong NUL": 400, "broken: name twice": 400, "no number: NaN": 400,
    "no number: 1e400": 400, "no number: 2^64": 400, "control 202e": 422, "kind: list": 422,
    "long: 10,000 characters": 422,
    "number: one and a half": 422, "text: script": 422,
}  # fmt: skip


def test_a_hostile_value_in_the_place_of_a_code_gets_the_answer_its_family_gets(pair: Pair) -> None:
    door = door_of(pair, "POST /api/v1/referrals/<uuid:referral_id>/decline")
    known = {one.name: one for one in corpus.for_door(door.good)}
    for name, status in STATUSES.items():
        case = hostile_case(SHARE, 1, door, known[f"reason = {name}"])
        answers = pair.send(Knock(**{**vars(case.knock), "path": door.path()}), "status")
        assert {one.status for one in answers.values()} == {status}, name


@pytest.mark.parametrize(
    "name",
    [
        "POST /api/v1/referrals",
        "POST /api/v1/peers/me/pause",
        "POST /fhir/$process-message",
        "POST /peers/me/pause",
    ],
)
def test_encoded_bodies_xml_and_bombs_are_refused_by_their_kind_at_every_sort_of_door(pair: Pair, name: str) -> None:
    door = door_of(pair, name)
    known = {one.name: one for one in corpus.for_door(door.good)}
    xml = "XML as application/xml: a billion laughs"
    for odd in ("encoding gzip", "gzip bomb", "deflate bomb", xml, "kind text/plain"):
        case = hostile_case(SHARE, 1, door, known[odd])
        assert {one.status for one in pair.send(case.knock, "kind").values()} == {415}, odd


@pytest.mark.parametrize("name", JWES)
def test_what_only_looks_encrypted_is_refused_by_name_when_somebody_tries_to_open_it(name: str) -> None:
    body = JWES[name].encode()
    keys = {CANARY: jwe.new_key(CANARY)}
    with pytest.raises((jwe.NotEncrypted, jwe.NotOpened)) as refused:
        jwe.open_with(body, keys)
    assert CANARY not in refused.value.says
    # The same key opens what was really encrypted to it.
    assert jwe.open_with(jwe.seal(b"in clear", keys[CANARY]), keys) == b"in clear"


# ---- how answers are judged, and cases kept


def test_only_a_forms_own_fields_may_show_again_what_was_typed() -> None:
    def shown(body: str, status: int = 422, kind: str = "text/html") -> bool:
        return repeats(Answer(status, (("Content-Type", kind),), body.encode(), 0.0))

    assert not shown(f'<input name="a" value="{CANARY}"><textarea id="b">{CANARY}</textarea>')
    assert shown(f'<a href="#{CANARY}">x</a>')
    assert shown(f"<p>{CANARY.upper()}</p>")
    assert shown(f'<input name="{CANARY}">')
    assert shown(f'<input value="{CANARY}">', 400)
    assert shown(f'{{"detail": "{CANARY}"}}', kind="application/json")
    assert shown("<p>&#75;anarienvogel</p>")
    assert repeats(Answer(303, (("Location", f"/x?name={CANARY}"),), b"", 0.0))


@pytest.fixture(scope="module")
def drawn(pair: Pair) -> dict[int, Case]:
    """All cases of a small run, by their numbers."""
    return {case.number: case for case in cases(Plan(240, 9), pair.doors, pair.worlds["sqlite"])}


def test_a_kept_case_is_the_same_when_it_is_read_again(drawn: dict[int, Case]) -> None:
    for case in islice(drawn.values(), 0, 240, 3):
        kept = json.loads(json.dumps(case.knock.as_kept()))
        assert Knock.from_kept(kept) == case.knock


def test_the_same_seed_draws_the_same_cases_whichever_process_does_them(pair: Pair, drawn: dict[int, Case]) -> None:
    assert sorted(drawn) == list(range(240))
    parts: dict[int, Case] = {}
    for part in (0, 1):
        of_part = {case.number: case for case in cases(Plan(240, 9, part, 2), pair.doors, pair.worlds["sqlite"])}
        assert not set(of_part) & set(parts)
        parts |= of_part
    assert parts == drawn
    assert {case.source for case in drawn.values()} > {CORPUS}
    assert any(case.knock.kind == FORM for case in drawn.values())
