"""How long a newcomer waits: from a fresh clone to a page, until the made-up region is whole, and at a later start."""

from __future__ import annotations

import re
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.figures import Figure

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 600
ADDRESS = re.compile(r"answers on (http://\S+)")


class House:
    """`make run` in a checkout, from its start to its end."""

    def __init__(self, checkout: Path, began: float) -> None:
        self._began, self._said = began, checkout / "said.log"
        with self._said.open("w") as said:
            self._process = subprocess.Popen(
                ["make", "run", "ARGS=--headless --port 0"], cwd=checkout, stdout=said, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def seconds_until_page(self) -> float:
        """Until the address is printed and answers."""
        return self._wait(lambda: (found := ADDRESS.search(self._said.read_text())) is not None and _answers(found[1]))

    def seconds_until_whole(self) -> float:
        """Until it says that everything is ready."""
        return self._wait(lambda: "Been There is ready" in self._said.read_text())

    def _wait(self, is_so: object) -> float:
        while time.monotonic() - self._began < PATIENCE_SECONDS:
            if is_so():  # type: ignore[operator]
                return time.monotonic() - self._began
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit(f"the house did not come up:\n{self._said.read_text()[-2000:]}")

    def stop(self) -> None:
        """Asks it to stop, and waits."""
        self._process.send_signal(signal.SIGTERM)
        children = subprocess.run(
            ["pgrep", "-g", str(self._process.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        for child in children:
            subprocess.run(["kill", "-TERM", child], check=False)
        self._process.wait(60)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def measure() -> list[Figure]:
    """Clones this checkout, runs it as the README says, stops it, and runs it again."""
    with tempfile.TemporaryDirectory(prefix="beenthere-bench-") as place:
        checkout, began = Path(place) / "clone", time.monotonic()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
        first = House(checkout, began)
        page = first.seconds_until_page()
        whole = first.seconds_until_whole()
        first.stop()
        later = House(checkout, time.monotonic())
        again = later.seconds_until_whole()
        later.stop()
    return [
        Figure("fresh clone to a page that answers", round(page, 1), "seconds", bar=90),
        Figure("made-up region whole after that", round(whole - page, 1), "seconds", bar=30),
        Figure("a later start", round(again, 1), "seconds", bar=5),
    ]
