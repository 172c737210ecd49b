"""The erasure ledger: who was forgotten, by opaque id and time, kept outside everything a restore could put back.

A line is on the disk before a key is destroyed; whatever copy comes back, what stands here is done to it again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chassis.errors import Misbuilt, Retry

_CHECK_DIGITS = 12


class LedgerUnreadable(Misbuilt):
    """A line of the erasure ledger is not as it was written."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(
            f"Line {line} of the erasure ledger {path} is not as it was written, so nobody knows who must stay"
            " forgotten. Put back a copy of it before anything is opened."
        )


class LedgerAway(Retry):
    """The erasure ledger cannot be written, so nobody's keys are destroyed: a restore would bring them back."""

    says = "This person is forgotten, but it cannot be put on the erasure ledger just now. It is tried again by itself."


@dataclass(frozen=True)
class Erasure:
    """That somebody was forgotten."""

    owner_id: str
    at: datetime


class Ledger:
    """An erasure ledger in a file of its own, which several processes may add to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, owner_id: str, at: datetime) -> None:
        """Adds a line and waits until the disk has it; LedgerAway when that cannot be."""
        try:
            with self._open() as handle:
                self._cut_torn_line(handle)
                os.write(handle, _line(Erasure(owner_id, at)).encode())
                os.fsync(handle)
        except OSError as away:
            raise LedgerAway() from away

    def read(self) -> list[Erasure]:
        """Every erasure, in the order written; LedgerUnreadable for a line that was altered.

        A last line without its end was being written when the process died: nothing was destroyed yet, so it is passed
        over, and forgetting goes on by itself.
        """
        if not self.path.exists():
            return []
        try:
            lines = self.path.read_bytes().split(b"\n")[:-1]
        except OSError as away:
            raise Misbuilt(f"The erasure ledger {self.path} cannot be read ({away.strerror}).") from away
        found = []
        for number, line in enumerate(lines, 1):
            try:
                read = json.loads(line)
                erasure = Erasure(read["owner_id"], datetime.fromisoformat(read["at"]))
            except (ValueError, KeyError, TypeError):
                raise LedgerUnreadable(self.path, number) from None
            if _line(erasure).encode() != line + b"\n":
                raise LedgerUnreadable(self.path, number)
            found.append(erasure)
        return found

    @contextmanager
    def _open(self) -> Iterator[int]:
        is_new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
            if is_new:
                _sync_folder(self.path.parent)
        finally:
            os.close(handle)

    def _cut_torn_line(self, handle: int) -> None:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            whole = os.pread(handle, size, 0).rfind(b"\n") + 1
            os.ftruncate(handle, whole)


def _line(erasure: Erasure) -> str:
    said = {"owner_id": erasure.owner_id, "at": erasure.at.isoformat()}
    check = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:_CHECK_DIGITS]
    return json.dumps({**said, "check": check}) + "\n"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
