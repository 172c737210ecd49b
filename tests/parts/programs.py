"""Programs the tests start themselves: on free loopback ports, in folders of their own, stopped by process id."""

from __future__ import annotations

import atexit
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

# Seconds a program may take until it answers on a busy machine, and until it has stopped when asked to.
START_SECONDS = 180
STOP_SECONDS = 15


class NotHere(Exception):
    """A part cannot be had on this machine; says why and what would help."""


class DidNotStart(Exception):
    """A part is on this machine but would not run; shows the end of what it said."""


def free_port() -> int:
    """A port on the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_folder(name: str) -> Path:
    """A new folder with a path short enough for a unix socket; whoever makes it takes it away."""
    return Path(tempfile.mkdtemp(prefix=f"beenthere-{name}-"))


class Program:
    """One program running beside the tests; `account` is whom to run it as when we are root."""

    def __init__(
        self, command: Sequence[str], folder: Path, *, account: str | None = None, more: Mapping[str, str] | None = None
    ) -> None:
        self.folder, self.said = folder, folder / "said.log"
        self._command, self._account, self._more = list(command), account, more
        self._start()
        atexit.register(self.stop)

    def _start(self) -> None:
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                self._command, cwd=self.folder, stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True, env=dict(self._more) if self._more else None, **as_account(self._account),
            )  # fmt: skip

    def start_again(self, by: int) -> None:
        """Ends it by a signal and starts it again in its folder."""
        self.process.send_signal(by)
        self.process.wait()
        self._start()

    def family(self) -> list[int]:
        """Its process id and those of its children."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [own, *map(int, children)]

    def wait_until(self, answers: Callable[[], bool]) -> None:
        """Returns when it answers; raises DidNotStart when it ended or took too long."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if answers():
                return
            time.sleep(0.02)
        self.stop(keep=True)
        raise DidNotStart(f"{self.process.args!r} does not answer:\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of what it said."""
        return self.said.read_text(errors="replace")[-3000:]

    def stop(self, *, keep: bool = False) -> None:
        """Ends it and takes its folder away; does nothing the second time."""
        atexit.unregister(self.stop)
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def as_account(account: str | None) -> dict[str, Any]:
    """What Popen needs to run a program as another account, with none of our groups."""
    if account is None:
        return {}
    import pwd

    entry = pwd.getpwnam(account)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def listens(port: int) -> bool:
    """Says whether something takes connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
