"""Whatever is done to a sealed row is found, and named: altered, missing, swapped, added, cut off after a head."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from chassis.audit import chain
from chassis.audit.heads import Head, Signer, is_signed
from chassis.audit.verifying import ADDED, ALTERED, CUT_OFF, MISSING, NOT_OURS, REWRITTEN, SWAPPED, Bad, Row, verify
from chassis.errors import Misbuilt
from chassis.ids import SeededIds, new_token

ROOM = "letters"
COUNT = 1000
BEGAN = datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC)
# What a column may be changed to; each is unlike what stands there.
OTHERWISE: dict[str, Any] = {
    "place": 10**9, "sequence": 10**9, "at": BEGAN - timedelta(microseconds=1), "who_kind": "system", "who_id": "x",
    "roles": "administrator", "partner_id": "x", "purpose": "", "action": "person.forget", "outcome": "refused",
    "rule": "", "subject_kind": "", "subject": "x", "record": None, "request_id": "x", "correlation_id": "x",
}  # fmt: skip


def a_row(number: int, ids: SeededIds) -> dict[str, Any]:
    """One row of which some columns are empty, numbered with a gap now and then."""
    request_id = ids.new()
    return {
        "sequence": number + number // 10, "at": BEGAN + timedelta(seconds=number), "who_kind": "account",
        "who_id": ids.new(), "roles": "coordinator network_lead", "partner_id": None, "purpose": "referral.read",
        "action": "person.seen", "outcome": "done", "rule": None, "subject_kind": "person", "subject": ids.new(),
        "record": ids.new(), "request_id": request_id, "correlation_id": request_id,
    }  # fmt: skip


def sealed(rows: Iterable[dict[str, Any]], room: str = ROOM) -> list[dict[str, Any]]:
    """The rows with places and hashes, each after the one before."""
    before, done = chain.first(room), []
    for place, row in enumerate(rows, 1):
        before = chain.hash_of(before, {**row, "place": place})
        done.append({**row, "place": place, "hash": before})
    return done


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    ids = SeededIds(5)
    return sealed(a_row(number, ids) for number in range(1, COUNT + 1))


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer(new_token())


@pytest.fixture(scope="module")
def hashing(rows: list[dict[str, Any]]) -> Callable[[str, Row], str]:
    """The hash, reckoned once for a row that nobody touched: thousands of chains share all but one or two rows."""
    known: dict[tuple[str, int], str] = {}
    untouched = {id(row) for row in rows}

    def hash_of(before: str, row: Row) -> str:
        if id(row) not in untouched:
            return chain.hash_of(before, row)
        key = (before, id(row))
        if key not in known:
            known[key] = chain.hash_of(before, row)
        return known[key]

    return hash_of


def head_at(row: Row, signer: Signer, room: str = ROOM) -> Head:
    """A head that was published when this row was the last."""
    return signer.sign(Head(room, row["place"], row["sequence"], row["hash"], row["at"] + timedelta(minutes=5)))


# ---- each of 1,000


def test_an_untouched_chain_is_as_it_was_sealed(rows: list[dict[str, Any]], signer: Signer) -> None:
    heads = [head_at(row, signer) for row in rows[::100]] + [head_at(rows[-1], signer)]
    found = verify(ROOM, rows, heads, [signer.public_key])
    assert (found.rows, found.heads, found.bad) == (COUNT, 11, None)


def test_each_row_altered_in_each_column_in_turn_is_found(rows: list[dict[str, Any]], hashing: Any) -> None:
    columns = [*chain.COLUMNS, "hash"]
    found = 0
    for number, row in enumerate(rows):
        column = columns[number % len(columns)]
        altered = {**row, column: OTHERWISE.get(column, "0" * 64)}
        assert altered[column] != row[column]
        bad = verify(ROOM, [*rows[:number], altered, *rows[number + 1 :]], hashing=hashing).bad
        assert bad is not None, (number, column)
        assert bad.place == number + 1, column
        # A place that jumps leaves its own empty.
        assert bad.what == (MISSING if column == "place" else ALTERED), column
        found += 1
    assert found == COUNT


def test_each_row_deleted_in_turn_is_found(rows: list[dict[str, Any]], signer: Signer, hashing: Any) -> None:
    last = [head_at(rows[-1], signer)]
    for number in range(COUNT):
        bad = verify(ROOM, [*rows[:number], *rows[number + 1 :]], last, hashing=hashing).bad
        # Behind the last row stands nothing that misses it but the head that was published.
        expected = Bad(number + 1, None, MISSING) if number < COUNT - 1 else Bad(number, rows[-2]["sequence"], CUT_OFF)
        assert bad == expected, number


def test_each_row_swapped_with_its_neighbour_in_turn_is_found(rows: list[dict[str, Any]], hashing: Any) -> None:
    for number in range(COUNT - 1):
        one, other = rows[number], rows[number + 1]
        # In turn: all but the places, all but places and hashes, all but these and the numbers.
        kept = (("place",), ("place", "hash"), ("place", "hash", "sequence"))[number % 3]
        here = {**other, **{name: one[name] for name in kept}}
        there = {**one, **{name: other[name] for name in kept}}
        bad = verify(ROOM, [*rows[:number], here, there, *rows[number + 2 :]], hashing=hashing).bad
        assert bad is not None
        assert (bad.place, bad.what) == (number + 1, SWAPPED), kept


def test_each_row_put_in_between_is_found(rows: list[dict[str, Any]], hashing: Any) -> None:
    for number in range(0, COUNT - 1, 25):
        forged = {**a_row(5000, SeededIds(number)), "place": number + 1}
        forged["hash"] = chain.hash_of(rows[number - 1]["hash"] if number else chain.first(ROOM), forged)
        moved = [{**row, "place": row["place"] + 1} for row in rows[number:]]
        bad = verify(ROOM, [*rows[:number], forged, *moved], hashing=hashing).bad
        # One that was hashed in its place is itself right, and nothing fits after it.
        assert bad is not None
        assert bad.place in (number + 1, number + 2)
        unhashed = {**forged, "hash": "0" * 64}
        bad = verify(ROOM, [*rows[:number], unhashed, *moved], hashing=hashing).bad
        assert bad == Bad(number + 1, forged["sequence"], ADDED)


def test_a_row_taken_out_with_the_rest_renumbered_is_found(rows: list[dict[str, Any]], hashing: Any) -> None:
    renumbered = [{**row, "place": row["place"] - 1} for row in rows[500:]]
    bad = verify(ROOM, [*rows[:499], *renumbered], hashing=hashing).bad
    assert bad is not None
    assert (bad.place, bad.what) == (500, ALTERED)


# ---- what only a head that was kept elsewhere finds


def test_a_tail_cut_off_after_a_published_head_is_found(rows: list[dict[str, Any]], signer: Signer) -> None:
    heads = [head_at(rows[99], signer), head_at(rows[899], signer)]
    assert verify(ROOM, rows[:899], heads).bad == Bad(899, rows[898]["sequence"], CUT_OFF)
    assert verify(ROOM, [], heads).bad == Bad(0, None, CUT_OFF)
    # Rows sealed since the last head were published nowhere: this is what an hour between two heads leaves open.
    assert verify(ROOM, rows[:900], heads).bad is None
    assert verify(ROOM, rows[:899]).bad is None


def test_a_chain_made_anew_does_not_pass_through_its_published_head(rows: list[dict[str, Any]], signer: Signer) -> None:
    bare = [{name: row[name] for name in row if name not in ("place", "hash")} for row in rows]
    anew = sealed([*bare[:300], {**bare[300], "who_id": "somebody else"}, *bare[301:]])
    heads = [head_at(rows[199], signer), head_at(rows[399], signer), head_at(rows[-1], signer)]
    assert verify(ROOM, anew, heads).bad == Bad(400, rows[399]["sequence"], REWRITTEN)
    assert verify(ROOM, anew).bad is None


def test_a_row_dated_back_before_a_head_that_was_published_without_it_is_found(
    rows: list[dict[str, Any]], signer: Signer
) -> None:
    bare = [{name: row[name] for name in row if name not in ("place", "hash")} for row in rows[:100]]
    late = {**a_row(7000, SeededIds(9)), "at": bare[50]["at"] - timedelta(hours=3)}
    assert verify(ROOM, sealed([*bare, late]), [head_at(rows[99], signer)]).bad == Bad(101, late["sequence"], ADDED)


def test_a_head_somebody_else_signed_is_not_believed(rows: list[dict[str, Any]], signer: Signer) -> None:
    ours, theirs = head_at(rows[9], signer), head_at(rows[9], Signer(new_token()))
    assert verify(ROOM, rows, [theirs], [signer.public_key]).bad == Bad(10, rows[9]["sequence"], NOT_OURS)
    # It names its own key as ours would; nor may one of ours be changed.
    assert not is_signed(replace(theirs, public_key=ours.public_key, key_id=ours.key_id), [signer.public_key])
    for change in ({"place": 9}, {"hash": "0" * 64}, {"sequence": 1}, {"at": BEGAN}, {"room": "other"}):
        assert not is_signed(replace(ours, **change), [signer.public_key]), change
    assert is_signed(ours, [signer.public_key])


# ---- controls, and what is hashed


def test_without_its_hash_check_an_altered_row_is_not_found(rows: list[dict[str, Any]]) -> None:
    altered = [*rows[:500], {**rows[500], "who_id": "somebody else"}, *rows[501:]]
    assert verify(ROOM, altered, hashing=lambda _, row: str(row["hash"])).bad is None
    assert verify(ROOM, altered).bad == Bad(501, rows[500]["sequence"], ALTERED)


def test_the_chain_of_one_room_is_no_chain_of_another(rows: list[dict[str, Any]]) -> None:
    assert verify("parcels", rows).bad == Bad(1, rows[0]["sequence"], ALTERED)
    assert verify(ROOM, rows).bad is None


def test_a_hash_tells_empty_from_missing_and_one_microsecond_from_the_next() -> None:
    row = {**a_row(1, SeededIds(1)), "place": 1}
    first = chain.hash_of("", row)
    assert chain.hash_of("", {**row, "partner_id": ""}) != first
    assert chain.hash_of("", {**row, "at": row["at"] + timedelta(microseconds=1)}) != first
    assert chain.hash_of("", {**row, "action": "person.seendone", "outcome": ""}) != first
    # The same moment on another clock is the same moment.
    assert chain.hash_of("", {**row, "at": row["at"].astimezone(timezone(timedelta(hours=5)))}) == first


def test_the_hash_of_a_known_row_never_changes() -> None:
    # Reckoned once by hand from the form in chassis/audit/chain.py: what was sealed must verify for good.
    row = {
        "place": 1, "sequence": 7, "at": datetime(2026, 3, 2, 10, 0, tzinfo=UTC), "who_kind": "account", "who_id": "a",
        "roles": "coordinator", "partner_id": None, "purpose": "", "action": "person.seen", "outcome": "done",
        "rule": None, "subject_kind": "person", "subject": "p", "record": "r", "request_id": "q", "correlation_id": "é",
    }  # fmt: skip
    assert chain.hash_of(chain.first("letters"), row) == KNOWN


KNOWN = "036130179ac721d69b3984fc2d2a77b4bb914385ce321458f3f7ed75bec653db"


def test_a_new_first_line_of_the_audit_key_signs_and_the_line_below_still_verifies(rows: list[dict[str, Any]]) -> None:
    old, new = new_token(), new_token()
    before, after = Signer(old), Signer(f"{new}\n{old}\n")
    heads = [head_at(rows[9], before), head_at(rows[19], after)]
    assert after.public_keys == (Signer(new).public_key, before.public_key)
    assert verify(ROOM, rows, heads, after.public_keys).bad is None
    assert verify(ROOM, rows, heads, [Signer(new).public_key]).bad == Bad(10, rows[9]["sequence"], NOT_OURS)
    with pytest.raises(Misbuilt, match="shorter than 32"):
        Signer("short")
