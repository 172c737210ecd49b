"""Each service starts alone: the contracts, the chassis and that one room are all it needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contracts.addresses import SERVICES
from tests.architecture.the_code import ROOT

# -S keeps out what the checkout put on Python's path, so that only what was copied can be found.
START = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from importlib import import_module
from pathlib import Path
from werkzeug.test import Client
from chassis.serve import share
from chassis.settings import Settings

room = sys.argv[3]
settings = Settings(data=Path(sys.argv[1]) / "var", demo=True, pass_secret="a secret for this one test, long enough")
shared = share(settings)
service = import_module(f"services.{room}.app").create(settings, shared)
answer = Client(service.app).get(f"/ops/{room}/ready")
service.close()
shared.bus.close()
others = {name.split(".")[1] for name in sys.modules if name.startswith("services.")} - {room}
print(answer.status_code, answer.get_json()["ready"], sorted(others))
"""


def an_island(place: Path, room: str) -> Path:
    """A folder with what one service is made of."""
    without = shutil.ignore_patterns("__pycache__")
    for folder in ("contracts", "chassis", f"services/{room}"):
        shutil.copytree(ROOT / folder, place / folder, ignore=without)
    return place


def start(place: Path, room: str) -> str:
    """Starts a service in a process of its own; gives what it answered, or the end of what went wrong."""
    libraries = sysconfig.get_paths()["purelib"]
    done = subprocess.run(
        [sys.executable, "-S", "-c", START, str(place), libraries, room],
        cwd=place, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    return done.stdout.strip().splitlines()[-1] if done.returncode == 0 else done.stderr.strip()[-800:]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each service answered when it was alone, two starting at a time."""
    places = {room: an_island(tmp_path_factory.mktemp(room), room) for room in SERVICES}
    with ThreadPoolExecutor(2) as two:
        return dict(zip(places, two.map(start, places.values(), places), strict=True))


@pytest.mark.parametrize("room", SERVICES)
def test_a_service_starts_with_the_others_folders_absent(answers: dict[str, str], room: str) -> None:
    assert answers[room] == "200 True []"


def test_a_service_that_leans_on_another_does_not_start(tmp_path: Path) -> None:
    place = an_island(tmp_path, "referrals")
    app = place / "services" / "referrals" / "app.py"
    app.write_text(app.read_text() + "\nfrom services.matching import domain\n")
    assert "No module named 'services.matching'" in start(place, "referrals")
