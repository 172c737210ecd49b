"""The production shape under fire: a process for each role, Apache Kafka, PostgreSQL behind a proxy."""

from __future__ import annotations

import random
import secrets
import signal
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from chassis import crashpoints
from chassis.settings import Settings
from tests.builders import a_settings
from tests.chaos import child, controls
from tests.chaos.board import CUTTING, Board
from tests.chaos.child import Arm, Kind
from tests.chaos.crew import in_a_child
from tests.chaos.keeper import Keeper
from tests.chaos.life import Life
from tests.chaos.tally import Tally

SHAPE = (
    Kind("web-1", ("referrals",), ("web",)),
    Kind("web-2", ("referrals",), ("web",), "1"),
    Kind("relay-r", ("referrals",), ("relay",)),
    Kind("relay-m", ("matching",), ("relay",)),
    Kind("listen-r", ("referrals",), ("listen",)),
    Kind("listen-m1", ("matching",), ("listen",)),
    Kind("listen-m2", ("matching",), ("listen",), "1"),
    Kind("tick-m", ("matching",), ("tick",)),
)
POINTS = (*crashpoints.EVERYWHERE, *crashpoints.KAFKA)
# Who passes the points of a kind, the likeliest first.
_PASSED_BY = {
    "web": ("web-1", "web-2"),
    "answer": ("web-1", "web-2"),
    "tick": ("tick-m",),
    "clock": ("tick-m",),
    "relay": ("relay-r", "relay-m"),
    "kafka": ("relay-r", "relay-m"),
    "listen": ("listen-m1", "listen-m2"),
    "state": ("web-1", "tick-m", "listen-m1"),
    "rows": ("web-1", "tick-m", "listen-m1"),
}
_RUNS_OF_A_LIFE, _PATIENCE_SECONDS, _POINT_SECONDS = 50, 90.0, 25.0
# Longer than a send may take until it is unknown, and than a member may be silent (seconds).
_BROKER_FROZEN, _MEMBER_FROZEN, _DATABASE_FROZEN = 6.0, 13.0, 2.0
# What is done besides killing children, in turn, one in so many runs.
_ROUGH = ("freeze a member", "freeze the broker", "cut", "kill the broker", "cut", "kill the database", "cut",
          "freeze the database")  # fmt: skip
_ROUGH_EVERY = 8


def run(count: int, seed: int, tally: Tally) -> tuple[dict[str, bool], dict[str, int]]:
    """Makes `count` runs; gives what the controls caught, and the floors of what must have been met."""
    draw = random.Random(seed)
    board = Board(POINTS)
    tally.board, tally.points = board, POINTS
    keeper = Keeper(board)
    print(keeper.parts["named"], flush=True)
    try:
        with TemporaryDirectory(prefix="beenthere-chaos-") as place:
            _lives(count, draw, Path(place), keeper, board, tally)
            caught = _controls(Path(place), keeper)
    finally:
        keeper.close()
    floors = {"repeats": max(1, count // 10), "deliveries_disturbed": max(1, count // 10)}
    if count >= _ROUGH_EVERY * 3:
        floors |= {"renewed": 1, "lost_races": 1, "commits_cut": 1}
    return caught, floors


def _settings(place: Path, keeper: Keeper, prefix: str, *, through: bool) -> Settings:
    url = keeper.parts["through" if through else "url"]
    return a_settings(
        place / "var", database_url=url, keys_url=keeper.parts["url"].replace("{service}", "keys"),
        kafka=keeper.parts["kafka"], topic_prefix=prefix,
    )  # fmt: skip


def _a_life(place: Path, keeper: Keeper, board: Board, seed: str, patience: float) -> Life:
    prefix = f"chaos.{secrets.token_hex(4)}."
    plain = _settings(place, keeper, prefix, through=False)
    in_a_child(lambda: _emptied(plain))
    in_a_child(lambda: child.prepare(plain))
    life = Life(SHAPE, plain, board, seed, patience)
    life.crew.settings = replace(plain, database_url=keeper.parts["through"])
    return life


def _emptied(settings: Settings) -> bool:
    """Takes every table away that an earlier life left."""
    import sqlalchemy as sa

    for name in ("referrals", "matching", "keys"):
        engine = sa.create_engine(settings.database_url.replace("{service}", name))
        with engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        engine.dispose()
    return True


def _lives(count: int, draw: random.Random, place: Path, keeper: Keeper, board: Board, tally: Tally) -> None:
    plan = list(POINTS) if count >= len(POINTS) else draw.sample(POINTS, max(1, count - count // _ROUGH_EVERY))
    draw.shuffle(plan)
    tally.planned = set(plan)
    done, rough = 0, 0
    while done < count:
        life = _a_life(place, keeper, board, f"{draw.random()}", _PATIENCE_SECONDS)
        life.crew.start_all()
        for _ in range(min(_RUNS_OF_A_LIFE, count - done)):
            done += 1
            if done % _ROUGH_EVERY == 0:
                _be_rough(life, keeper, _ROUGH[rough % len(_ROUGH)], tally)
                rough += 1
            elif plan:
                _die_at(life, plan.pop(), draw, tally, plan)
            elif draw.random() < 0.5:
                life.die_sometime(draw.choice(SHAPE).name)
                tally.met["a random moment"] += 1
            else:
                _die_at(life, draw.choice(POINTS), draw, tally, [])
        tally.take(life.judge(), life)
        life.close()
        tally.tell(done, count)


def _die_at(life: Life, point: str, draw: random.Random, tally: Tally, plan: list[str]) -> None:
    name = draw.choice(_PASSED_BY[point.partition(".")[0]])
    if not life.die_at(name, Arm(point, draw.randrange(2)), _POINT_SECONDS):
        life.crew.kill(name)
        tally.miss(point, plan)


def _be_rough(life: Life, keeper: Keeper, what: str, tally: Tally) -> None:
    tally.met[what] += 1
    life.crew.start_all()
    if what == "freeze a member":
        # It stops between reading where its streams stand and acting on them, and goes on when another has them.
        life.crew.start("listen-m1", Arm("listen.begun", 1, signal.SIGSTOP))
        life.crew.wait_ready()
        life.work(_MEMBER_FROZEN + 4)
        life.crew.send("listen-m1", signal.SIGCONT)
        life.work(2.0)
        life.crew.kill("listen-m1")
    elif what == "cut":
        life.board.switch(CUTTING, 3)
        life.work(1.0)
        life.board.switch(CUTTING, 0)
    elif what.startswith("freeze"):
        part = "kafka" if "broker" in what else "postgres"
        keeper.do(f"freeze {part}")
        life.work(_BROKER_FROZEN if part == "kafka" else _DATABASE_FROZEN)
        keeper.do(f"thaw {part}")
        life.work(1.0)
    else:
        life.work(0.3)
        keeper.do(f"restart {'kafka' if 'broker' in what else 'postgres'}")
        life.work(1.0)


def _controls(place: Path, keeper: Keeper) -> dict[str, bool]:
    """Breaks the production shape in each way; says of each whether the oracle found it."""
    found = {}
    for name, breaks, expected, patience in controls.CONTROLS:
        life = _a_life(place, keeper, Board(POINTS), f"control/{name}", patience * 3)
        found[name] = controls.is_found(life, breaks, expected)
    return found
