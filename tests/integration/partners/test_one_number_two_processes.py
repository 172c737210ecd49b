"""One signed statement sent to two processes at once gives one pass; looking first and adding then gives two."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.partners import racing
from tests.integration.partners.signing import Systems, systems_in

ROUNDS, LOOKED = 40, 20
TAKEN, USED = (200, ""), (400, "Non-unique jti claim in JWT")


class Track:
    """A house whose records two processes open at once."""

    def __init__(self, data: Path, changes: dict[str, Any]) -> None:
        self.data, self.changes = data, changes
        self.room: Systems = systems_in(data, **changes)
        self.url = str(self.room.house["partners"].settings.database_for("partners"))

    def both(self, work: Callable[..., None], *given: Any) -> tuple[Any, Any]:
        """Does the same in two processes of their own; gives what each told."""
        context = multiprocessing.get_context("spawn")
        barrier, told = context.Barrier(2), context.Queue()
        runners = [context.Process(target=work, args=(*given, barrier, told)) for _ in range(2)]
        for runner in runners:
            runner.start()
        answers = [told.get(timeout=racing.WAIT_SECONDS) for _ in runners]
        for runner in runners:
            runner.join(racing.WAIT_SECONDS)
        assert [runner.exitcode for runner in runners] == [0, 0]
        return answers[0], answers[1]


@pytest.fixture(params=["sqlite", "postgres"])
def track(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Track]:
    """The partners room's records on either database."""
    changes: dict[str, Any] = {}
    if request.param == "postgres":
        databases = request.getfixturevalue("postgres")
        changes = {"database_url": databases.of("partners"), "keys_url": databases.empty()}
    made = Track(tmp_path, changes)
    yield made
    made.room.house.close()


def test_of_two_processes_exactly_one_takes_a_statement_and_looking_first_lets_both(track: Track) -> None:
    room = track.room
    me = room.signing("Ed25519")
    # The key that signs passes is there before the race begins.
    assert room.send(room.sign("Ed25519", room.claims(me))).status_code == 200
    statements = [room.sign("Ed25519", room.claims(me)) for _ in range(ROUNDS)]
    one, other = track.both(racing.at_the_door, track.data, track.changes, statements)
    assert [sorted(pair) for pair in zip(one, other, strict=True)] == [[TAKEN, USED]] * ROUNDS
    # The same race, run the wrong way, is won by both: so the zeros above say something.
    one, other = track.both(racing.look_then_add, track.url, me, LOOKED)
    assert set(one) & set(other) == set(range(LOOKED))
