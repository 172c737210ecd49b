"""What the first page tells a newcomer to type is typed here, against a house started as it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from demo import command as run_command
from demo import play
from demo.progress import Progress
from services.__main__ import a_house
from tests.builders import a_settings
from tests.parts.programs import Program, a_folder, listens

ROOT = Path(__file__).parents[2]
# A smaller region than a newcomer's, so that it is filled in seconds; its year ended yesterday all the same.
SMALL = play.Size(partners=6, peers=24, referrals=12, days=90)
LONGEST = timedelta(minutes=4)


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[str, str]]:
    """A running house with a small made-up region: its address, and one partner's API key as it printed it."""
    data = a_folder("readme") / "var"
    settings = a_settings(data, relaxed=True)
    assert play.fill(a_house, settings, Progress(), threading.Event(), plain=True, size=SMALL)
    environment = {name: text for name, text in os.environ.items() if not name.startswith("BEENTHERE_")}
    command = [sys.executable, "-u", "-m", "services", "run", "--headless", "--port", "0", "--data", str(data)]
    program = Program(command, a_folder("run"), more={**environment, "PYTHONPATH": str(ROOT)})
    program.wait_until(lambda: "Stop with Ctrl+C" in program.said.read_text())
    said = program.said.read_text()
    address = re.search(r"answers on (http://127\.0\.0\.1:(\d+))", said)
    key = re.search(r"^  \S.*\S {2,}(bt_\S+)$", said, re.MULTILINE)
    assert address is not None
    assert key is not None
    assert listens(int(address[2]))
    yield address[1], key[1]
    program.stop()


def the_journey() -> str:
    """The block of commands on the first page."""
    blocks = re.findall(r"```bash\n(# readme: journey\n.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(blocks) == 1
    return str(blocks[0])


def test_a_referral_becomes_a_number_as_the_first_page_says(house: tuple[str, str]) -> None:
    address, key = house
    done = subprocess.run(
        ["bash", "-eu", "-c", the_journey()], env={**os.environ, "HOUSE": address, "KEY": key},
        capture_output=True, text=True, check=False, timeout=LONGEST.total_seconds(),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    for words in ('"stage": "Received"', '"says"', "covers_until", '"code": "referrals_received"', '"value"'):
        assert words in done.stdout, words


def test_a_data_folder_in_use_and_a_port_in_use_are_said(house: tuple[str, str]) -> None:
    port = house[0].rpartition(":")[2]
    data = a_folder("second") / "var"
    environment = {name: text for name, text in os.environ.items() if not name.startswith("BEENTHERE_")}
    command = [sys.executable, "-u", "-m", "services", "run", "--headless", "--port", port, "--data", str(data)]
    second = Program(command, a_folder("run"), more={**environment, "PYTHONPATH": str(ROOT)})
    second.wait_until(lambda: "answers on" in second.said.read_text())
    said = second.said.read_text()
    second.stop()
    assert f"Port {port} is in use" in said
    assert f"answers on http://127.0.0.1:{port}/" not in said
    assert not data.exists()


def test_a_folder_that_is_not_this_houses_is_left_alone() -> None:
    data = a_folder("not-ours")
    (data / "letters.txt").write_text("keep me")
    command = [sys.executable, "-m", "services", "run", "--headless", "--fresh", "--port", "0", "--data", str(data)]
    environment = {name: text for name, text in os.environ.items() if not name.startswith("BEENTHERE_")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "not this house's" in done.stderr
    assert (data / "letters.txt").read_text() == "keep me"


def test_what_is_thrown_away_is_thrown_away_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    data = a_folder("thrown") / "var"
    data.mkdir()
    for name in ("log.sqlite", "home.sqlite", "pass.key"):
        (data / name).write_text("old")

    class Stopped(BaseException):
        """The process ended here."""

    def stop_halfway(place: Path, **_how: object) -> None:
        if place.exists():
            (place / "home.sqlite").unlink()
            raise Stopped

    monkeypatch.setattr("shutil.rmtree", stop_halfway)
    with pytest.raises(Stopped):
        run_command._throw_away(data)
    # Half of it is gone, but nothing of it stands where a house would be opened.
    assert not data.exists()
