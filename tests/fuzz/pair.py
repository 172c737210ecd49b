"""Two houses at the same moment, one on SQLite and one on PostgreSQL, that are asked the same and compared."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from chassis.house import House
from tests.builders import Caller
from tests.fuzz.doors import Door, doors
from tests.fuzz.held import CaseIds, Held, chance
from tests.fuzz.knocks import Knock
from tests.fuzz.world import a_world

# Longer than this is a hang (seconds); a case that took so long is sent once more, since the machine may be busy.
HANG_SECONDS = 2.0
_AGAIN_SECONDS = 1.0
SQLITE, POSTGRES = "sqlite", "postgres"
_OF_ONE_ANSWER = re.compile(rb'nonce="[^"]*"|nonce-[^\']*|name="key" value="[^"]*"|"access_token": ?"[^"]*"')
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Hung(BaseException):
    """The house did not answer in time; no handler of errors may take it for one of them."""


@dataclass(frozen=True)
class Answer:
    """What one house answered; `escaped` names what came out of it instead of an answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float
    escaped: str = ""
    hung: bool = False

    @property
    def verdict(self) -> tuple[Any, ...]:
        """What must be the same on both databases: all of it but what belongs to one answer alone."""
        told = tuple(sorted((name, text) for name, text in self.headers if name in {"Content-Type", "Allow"}))
        # A form without a key is given one by chance, and what is made under it an id of its own.
        places = [_ID.sub("id", text) for name, text in self.headers if name == "Location"]
        body = _OF_ONE_ANSWER.sub(b"", self.body)
        return self.status, self.escaped, self.hung, told, tuple(places), b"" if places and self.status == 303 else body

    @property
    def kind(self) -> str:
        """The media type of the answer."""
        return dict(self.headers).get("Content-Type", "").partition(";")[0]


class Asked(Protocol):
    """Something that answers requests as a WSGI server asks them."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]: ...


def ask(app: Asked, environ: dict[str, Any], patience: float = HANG_SECONDS) -> Answer:
    """Sends one request, and gives up after `patience` seconds."""
    told: list[Any] = []
    began = time.perf_counter()
    try:
        with _in_time(patience):
            body = b"".join(_read(app(environ, lambda status, headers, _info=None: told.append((status, headers)))))
    except Hung:
        return Answer(0, (), b"", time.perf_counter() - began, hung=True)
    except Exception as fault:  # noqa: BLE001 - whatever comes out of the house is what is looked for
        return Answer(500, (), b"", time.perf_counter() - began, escaped=type(fault).__name__)
    status, headers = told[-1]
    seconds = time.perf_counter() - began
    return Answer(int(status[:3]), tuple(headers), body, seconds, hung=seconds > patience)


def _read(chunks: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    finally:
        close: Callable[[], None] | None = getattr(chunks, "close", None)
        if close:
            close()


@contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise Hung()

    before = signal.signal(signal.SIGALRM, ring)
    # Once may not be enough: raised in a callback of the garbage collector it is passed over.
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Standing(Protocol):
    """A house that stands still between two cases."""

    @property
    def house(self) -> House: ...

    @property
    def held(self) -> Held: ...

    @property
    def case_ids(self) -> CaseIds: ...

    @property
    def people(self) -> Mapping[str, Caller]: ...


class Pair:
    """Both houses; `patience` is how long each may take to answer (seconds)."""

    def __init__(self, worlds: Mapping[str, Standing], doors: list[Door], *, patience: float = HANG_SECONDS) -> None:
        self.worlds, self.doors, self._patience = worlds, doors, patience

    @classmethod
    def opened(cls, folder: Path, database_url: str, keys_url: str) -> Pair:
        """Opens the whole house twice, with the same story in both."""
        one = a_world(folder / SQLITE, relaxed=True, log_level="critical")
        two = a_world(folder / POSTGRES, database_url=database_url, keys_url=keys_url, log_level="critical")
        assert one.at == two.at, "the same story gave other ids"
        found = doors(one)
        assert found == doors(two)
        return cls({SQLITE: one, POSTGRES: two}, found)

    def send(self, knock: Knock, seed: str) -> dict[str, Answer]:
        """The answers of both houses, in which nothing of the case stays; a repeat is answered by its second answer."""
        return {name: self._send(world, knock, seed) for name, world in self.worlds.items()}

    def _send(self, world: Standing, knock: Knock, seed: str, *, again: bool = True) -> Answer:
        token = world.people[knock.who].token if knock.who in world.people else ""
        world.case_ids.again(seed)
        with world.held.case(), chance(seed):
            answer = ask(world.house, knock.environ(token), self._patience)
            if knock.is_twice:
                answer = ask(world.house, knock.environ(token), self._patience)
        if answer.hung:
            # Whatever it was doing, its connections may be in the middle of it.
            world.held.begin_anew()
            return self._send(world, knock, seed, again=False) if again else answer
        return answer

    def close(self) -> None:
        """Closes both."""
        for world in self.worlds.values():
            world.house.close()
