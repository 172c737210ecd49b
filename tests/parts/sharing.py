"""One server for all processes of a run: the first that wants it starts it, and stops it when nobody uses it any more.

A file in a folder of the run says where it is; locks on files end by themselves with whoever holds them.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.parts.postgres import Postgres


@contextmanager
def a_turn(place: str | Path, *, shared: bool = False) -> Iterator[None]:
    """Waits for the lock of a file, and holds it; `shared` lets others hold it who share it too."""
    with Path(place).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


@contextmanager
def shared_postgres(run: str, start: Callable[[], Postgres]) -> Iterator[tuple[Postgres, bool]]:
    """The server of a run, and whether this process is the one that started it."""
    from tests.parts.postgres import At, Postgres

    folder = Path(tempfile.gettempdir()) / f"beenthere-run-{run}"
    folder.mkdir(exist_ok=True)
    told, used = folder / "postgres.json", folder / "used"
    with a_turn(folder / "starting"):
        is_ours = not told.exists()
        server = start() if is_ours else Postgres(At(**json.loads(told.read_text())))
        if is_ours:
            told.touch(mode=0o600)
            told.write_text(json.dumps(asdict(server.shared(str(folder / "templates")))))
        # Before anybody else may stop it: from here on it is used.
        using = a_turn(used, shared=True)
        using.__enter__()
    try:
        yield server, is_ours
    finally:
        using.__exit__(None, None, None)
        if is_ours:
            with a_turn(used):
                server.stop()
                shutil.rmtree(folder, ignore_errors=True)
