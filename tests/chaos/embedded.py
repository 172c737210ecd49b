"""The embedded house under fire: one process on SQLite files and the log, in a folder on a small disk."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from chassis import crashpoints
from chassis.settings import ROLES
from tests.builders import a_settings
from tests.chaos import child
from tests.chaos.board import Board
from tests.chaos.child import Arm, Kind
from tests.chaos.crew import in_a_child
from tests.chaos.life import Life
from tests.chaos.tally import Tally

HOUSE = (Kind("house", ("referrals", "matching"), ROLES),)
POINTS = (*crashpoints.EVERYWHERE, *crashpoints.EMBEDDED)
# How many runs one folder lives through, and what is done to it between points.
_RUNS_OF_A_LIFE = 40
_PATIENCE_SECONDS = 20.0
_POINT_SECONDS = 6.0
_DISK = "24m"
_SOMETIME_SHARE = 0.35
# After how many runs of a life its disk is filled.
_FULL_AT = 5


def run(count: int, seed: int, tally: Tally) -> None:
    """Makes `count` runs: each point once when there are enough of them, then drawn points and moments."""
    draw = random.Random(seed)
    board = Board(POINTS)
    tally.board, tally.points = board, POINTS
    plan: list[str] = list(POINTS) if count >= len(POINTS) else draw.sample(POINTS, count)
    draw.shuffle(plan)
    tally.planned = set(plan)
    done = 0
    while done < count:
        with a_small_disk() as (folder, is_small):
            tally.notes |= set() if is_small else {"no small disk: it takes root to mount one, so none was filled"}
            life = a_life(folder, board, f"{seed}/{done}")
            for number in range(min(_RUNS_OF_A_LIFE, count - done)):
                if is_small and number == _FULL_AT:
                    fill_up(life, folder)
                    tally.met["a full disk"] += 1
                _one(life, plan, draw, tally)
                done += 1
            tally.take(life.judge(), life)
            life.close()
        tally.tell(done, count)


def a_life(folder: Path, board: Board, seed: str, patience: float = _PATIENCE_SECONDS) -> Life:
    """A house in a fresh folder."""
    settings = a_settings(folder / "var", relaxed=False)
    in_a_child(lambda: child.prepare(settings))
    return Life(HOUSE, settings, board, seed, patience)


def _one(life: Life, plan: list[str], draw: random.Random, tally: Tally) -> None:
    if plan:
        point = plan.pop()
        if not life.die_at("house", Arm(point, draw.randrange(3)), _POINT_SECONDS):
            life.crew.kill("house")
            tally.miss(point, plan)
    elif draw.random() < _SOMETIME_SHARE:
        life.die_sometime("house")
        tally.met["a random moment"] += 1
    else:
        point = draw.choice(POINTS)
        life.die_at("house", Arm(point, draw.randrange(6)), 1.0)
        life.crew.kill("house")


def fill_up(life: Life, disk: Path) -> None:
    """Fills the disk while orders come, kills the house on it, and gives the room back."""
    life.crew.start_all()
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        while True:
            out.write(b"x" * 65_536)
    life.work(0.5)
    life.crew.kill("house")
    filler.unlink()


@contextlib.contextmanager
def a_small_disk() -> Any:
    """A folder on a disk of a few megabytes where that can be had, else an ordinary one; gives which it is."""
    folder = Path(tempfile.mkdtemp(prefix="beenthere-chaos-"))
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
    )
    try:
        yield folder, mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)
