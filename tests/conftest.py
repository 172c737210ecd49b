"""What every test may ask for: real PostgreSQL, Kafka and OpenID provider; and the closing lines that say what ran."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from chassis import logs
from tests.parts.programs import NotHere
from tests.parts.sharing import shared_postgres

if TYPE_CHECKING:
    from tests.parts.front import Front
    from tests.parts.kafka import Kafka, Topics
    from tests.parts.postgres import Databases, Postgres
    from tests.parts.provider import OpenIdProvider

_BEGAN = pytest.StashKey[float]()
_HERE = pytest.StashKey[dict[str, str]]()
_AWAY = pytest.StashKey[dict[str, str]]()
_COUNTS = pytest.StashKey[dict[str, int]]()


@pytest.fixture(scope="session", autouse=True)
def migrated_once() -> Iterator[None]:
    """Each room's SQLite tables come from its migrations once a run; how they come up has tests of its own."""
    from tests.parts.migrated import Migrated

    copies = Migrated()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chassis.service.bring_up", copies)
        yield
    copies.close()


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """All log lines, as they leave the process; asked for before the service is made."""
    written = io.StringIO()
    stderr, sys.stderr = sys.stderr, written
    try:
        logs.configure("debug")
    finally:
        sys.stderr = stderr
    yield written
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """A real PostgreSQL, started when the first test asks for it."""
    from tests.parts.postgres import Postgres

    run = getattr(request.config, "workerinput", {}).get("testrunuid", "")
    if not run:
        yield from _once(request.config, "PostgreSQL", Postgres)
        return
    try:
        with shared_postgres(run, Postgres) as (server, is_ours):
            if is_ours:
                request.config.stash[_HERE]["PostgreSQL"] = _said("PostgreSQL", server)
            yield server
    except NotHere as why:
        request.config.stash[_AWAY]["PostgreSQL"] = str(why)
        pytest.skip(f"no real PostgreSQL: {why}")


@pytest.fixture(scope="session")
def kafka_broker(request: pytest.FixtureRequest) -> Iterator[Kafka]:
    """A real Kafka, started when the first test asks for it."""
    from tests.parts.kafka import Kafka

    yield from _once(request.config, "Kafka", Kafka)


@pytest.fixture(scope="session")
def front() -> Iterator[Front]:
    """One address behind which each test puts its own house."""
    from tests.parts.front import Front

    made = Front()
    yield made
    made.close()


@pytest.fixture(scope="session")
def our_key() -> Any:
    """The key by which the house behind `front` proves to the provider who it is."""
    from joserfc.jwk import RSAKey

    return RSAKey.generate_key(2048, auto_kid=True)


@pytest.fixture(scope="session")
def openid_provider(request: pytest.FixtureRequest, front: Front, our_key: Any) -> Iterator[OpenIdProvider]:
    """A certified OpenID provider that knows the house behind `front`, started when the first test asks for it."""
    from tests.parts.provider import OpenIdProvider

    yield from _once(request.config, "OpenID provider", lambda: OpenIdProvider(front.origin, our_key))


@pytest.fixture
def postgres(postgres_server: Postgres) -> Iterator[Databases]:
    """Databases for this test: `postgres.empty()`, or `postgres.of("referrals", ...)` as the settings take it."""
    from tests.parts.postgres import Databases

    databases = Databases(postgres_server)
    yield databases
    databases.close()


@pytest.fixture
def kafka(kafka_broker: Kafka) -> Iterator[Topics]:
    """A corner of the broker for this test: `kafka.bootstrap`, `kafka.prefix`, `kafka.make("referrals", ...)`."""
    from tests.parts.kafka import Topics

    topics = Topics(kafka_broker)
    yield topics
    topics.close()


def _once(config: pytest.Config, name: str, start: Callable[[], Any]) -> Iterator[Any]:
    try:
        part = start()
    except NotHere as why:
        config.stash[_AWAY][name] = str(why)
        pytest.skip(f"no real {name}: {why}")
    config.stash[_HERE][name] = _said(name, part)
    yield part
    part.stop()


def _said(name: str, part: Any) -> str:
    return f"{name} {part.version}".strip() + f" ({part.how}, {part.seconds:.1f} s)"


# ---- who runs where -------------------------------------------------------------------------------------------------

# What is started for one process alone; PostgreSQL is shared (tests/parts/sharing.py).
_REAL_PARTS = ("kafka", "openid_provider")
# These look at one made-up region, which takes long to fill.
_OF_A_REGION = "tests/integration/demo/"
_TWICE = "STARTED TWICE: a test that wants it does not say so"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """All that want Kafka run in one process, and all that want the provider; of the others those of a file."""
    from xdist.scheduler import LoadScopeScheduling

    class ByParts(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    return ByParts(config, log)


def scope_of(nodeid: str) -> str:
    """The tests with which one shares a process: all that name Kafka, in their file or parameters, and the provider."""
    path, _, name = nodeid.partition("::")
    words = _words_of(path) + name.partition("[")[2]
    if path.startswith(_OF_A_REGION):
        return _OF_A_REGION
    return next((part for part in _REAL_PARTS if part in words), path)


@cache
def _words_of(path: str) -> str:
    return (Path(__file__).parent.parent / path).read_text()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Takes over what a process that ran some of the tests says of its real parts."""
    said: dict[str, dict[str, str]] = getattr(node, "workeroutput", {})
    stash = node.config.stash
    for name, how in said.get("here", {}).items():
        stash[_HERE][name] = f"{how} {_TWICE}" if name in stash[_HERE] else how
    stash[_AWAY].update(said.get("away", {}))


# ---- what is said at the end ----------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Begins to count."""
    config.stash[_BEGAN] = time.monotonic()
    config.stash[_HERE], config.stash[_AWAY], config.stash[_COUNTS] = {}, {}, {}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Counts what ran; where CI=true promises a whole run, a skipped test fails it."""
    if hasattr(session.config, "workeroutput"):
        stash = session.config.stash
        session.config.workeroutput.update(here=stash[_HERE], away=stash[_AWAY])
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or session.config.option.collectonly:
        return
    stats = {name: len(reporter.stats.get(name, [])) for name in ("passed", "failed", "error", "skipped", "xfailed")}
    session.config.stash[_COUNTS] = stats
    if any(_TWICE in how for how in session.config.stash[_HERE].values()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if stats["skipped"] and os.environ.get("CI") == "true" and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """Prints what did not run, loudly, and one line of figures as the very last."""
    counts = config.stash.get(_COUNTS, {})
    if not counts:
        return
    writer = config.get_terminal_writer()
    for line in closing_lines(
        counts, config.stash[_HERE], config.stash[_AWAY], time.monotonic() - config.stash[_BEGAN]
    ):
        writer.line(line)


def closing_lines(counts: dict[str, int], here: dict[str, str], away: dict[str, str], seconds: float) -> list[str]:
    """The last lines of a run; `here` says which real parts ran and how, `away` which could not be had and why."""
    lines = []
    if counts["skipped"]:
        why = "; ".join(f"no real {name}: {reason}" for name, reason in away.items()) or "see the reasons above"
        lines.append(f"!!! {counts['skipped']} TESTS DID NOT RUN HERE ({why}) !!!")
        if os.environ.get("CI") == "true":
            lines.append("!!! CI=true: a skipped test is a failure !!!")
    parts = f"{', '.join(here[name] for name in sorted(here))}; " if here else ""
    failed = counts["failed"] + counts["error"]
    lines.append(
        f"tests {counts['passed']} passed, {failed} failed, {counts['skipped']} skipped; {parts}seconds {seconds:.0f}"
    )
    return lines
