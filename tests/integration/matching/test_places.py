"""Whatever happens in whatever order, holds and people never exceed places, and a person has one open match."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import chance
from services.matching import store
from services.matching.domain import moves

STEPS = 160


def broken_promises(room: Any) -> list[str]:
    """Peers with more holds and people than places, and people with two open matches."""
    with room["matching"].reading() as unit:
        places = {row.peer_id: row.places for row in unit.connection.execute(sa.select(store.peers))}
        used = Counter(
            unit.connection.execute(
                sa.select(store.options.c.peer_id).where(store.options.c.state.in_(moves.USES_A_PLACE))
            ).scalars()
        )
        open_matches = Counter(
            unit.connection.execute(
                sa.select(store.matches.c.person_id).where(store.matches.c.state.in_(moves.STILL_OPEN))
            ).scalars()
        )
    over = [f"{peer}: {count} of {places[peer]}" for peer, count in used.items() if count > places[peer]]
    return over + [f"{person}: {count} open" for person, count in open_matches.items() if count > 1]


@pytest.mark.parametrize("seed", range(2))
def test_a_long_walk_of_random_moves_breaks_no_promise(room: Any, seed: int) -> None:
    draws = chance(f"places {seed}")
    peers = [room.a_peer(f"P{n}", places=draws.choice([1, 1, 2])) for n in range(4)]
    people = [room.a_person(f"Q{n}") for n in range(5)]
    known: list[Any] = []
    answers: Counter[int] = Counter()
    for _ in range(STEPS):
        answers[_one_move(room, draws, peers, people, known)] += 1
        assert broken_promises(room) == []
        assert 500 not in answers
    assert answers[201] >= 15, answers
    assert answers[409] > 0, answers


def _one_move(room: Any, draws: Any, peers: list[Any], people: list[Any], known: list[Any]) -> int:
    what = draws.choice(
        ["offer"] * 4
        + ["could"] * 8
        + ["yes"] * 4
        + ["not_this_time"] * 2
        + ["taster"] * 3
        + ["agreement"] * 3
        + ["pause"]
    )
    if what == "offer" or not known:
        body = {
            "referral_id": draws.choice(people).referral_id,
            "peer_ids": [peer.who.id for peer in draws.sample(peers, draws.randint(1, 3))],
        }
        answer = room.coordinator.api("POST", "/api/v1/matches", body)
        if answer.status_code == 201:
            known.append(answer.get_json())
        return int(answer.status_code)
    match, at = draws.choice(known[-3:]), "/api/v1/matches/{match_id}"
    peer = draws.choice([one for one in peers if one.who.id in {option["peer_id"] for option in match["options"]}])
    if what == "pause":
        answer = peer.api("POST", f"/api/v1/peers/me/{draws.choice(['pause', *['resumption'] * 5])}")
    elif what == "taster":
        answer = room.coordinator.api("POST", at.format(**match) + "/taster", {"peer_id": peer.who.id})
    elif what == "agreement":
        both = {"person_yes": draws.random() < 0.8, "peer_yes": draws.random() < 0.8}
        answer = room.coordinator.api("POST", at.format(**match) + "/agreement", both)
    else:
        side = {"could": "peer", "yes": "person"}.get(what) or draws.choice(["peer", "person"])
        answer = room.record(match, peer, side, what)
    return int(answer.status_code)
