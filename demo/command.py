"""`beenthere run`: fills a fresh folder with the made-up region while a page already answers, then opens the house."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from chassis import logs
from chassis.errors import Misbuilt, Retry
from chassis.house import House, lock_folder
from chassis.serve import Runner, Web, spare_collections
from chassis.settings import ROLES, Settings, SettingsFaulty, read
from demo.play import fill
from demo.progress import Progress, page_of
from demo.tokens import partner_keys

Open = Callable[..., House]
# The made-up network's own service id in the NHS directory of services; outside any real range.
OUR_SERVICE_ID = "2000099999"
_PORTS_TRIED = 20
# Seconds the rooms are waited for at most before the addresses are said.
_HEARD_SECONDS = 15


class Front:
    """What answers on the port: the filling page first, then the house."""

    def __init__(self) -> None:
        self.house: House | None = None
        self.progress = Progress()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers from the house when it is open, else with how far the filling has come."""
        if self.house is not None:
            return self.house(environ, start_response)
        return page_of(self.progress, environ, start_response)


def run(open_house: Open) -> click.Command:
    """The command; `open_house(settings, **handed)` opens every room."""

    @click.command("run")
    @click.option(
        "--port",
        default=8400,
        show_default=True,
        type=click.IntRange(0, 65_535),
        help="The port to answer on; the next free one if taken.",
    )
    @click.option("--data", default="var", show_default=True, help="The folder that keeps everything.")
    @click.option("--headless", is_flag=True, help="Plain lines, and the demo's API keys printed.")
    @click.option("--fresh", is_flag=True, help="Throw the folder away and start anew.")
    def command(port: int = 8400, data: str = "var", headless: bool = False, fresh: bool = False) -> None:
        """Start the whole house in one process, with a made-up region on the first start."""
        try:
            _run(open_house, port, Path(data), headless, fresh)
        except (Misbuilt, Retry) as trouble:
            click.echo(trouble.says, err=True)
            sys.exit(2)

    return command


def _run(open_house: Open, port: int, data: Path, headless: bool, fresh: bool) -> None:
    settings = _settings(data)
    # A newcomer reads the addresses, not a line for each request; whoever names a level gets it.
    logs.configure(os.environ.get("BEENTHERE_LOG_LEVEL") or "warning")
    data = data.resolve()
    settings = replace(settings, data=data)
    lock = lock_folder(data)
    _check_ours(data)
    port = _free_port(settings.host, port)
    front = Front()
    web = Web(front, settings.host, port)
    settings = replace(settings, port=web.port)
    stopping = threading.Event()
    _stop_on_signals(stopping)
    web.start()
    click.echo(f"Been There answers on http://{settings.host}:{web.port}/demo")
    if fresh:
        _throw_away(data)
    try:
        if settings.demo and not (data.exists() and any(data.iterdir())):
            _fill(open_house, settings, front, stopping, plain=headless or not sys.stdout.isatty())
        if not stopping.is_set():
            _serve(open_house, settings, front, web, stopping, headless)
    finally:
        web.stop()
        lock.close()


def _check_ours(data: Path) -> None:
    """Refuses a folder that holds something and was not made by this house: nothing there is touched."""
    if data.exists() and any(data.iterdir()) and not (data / "log.sqlite").exists():
        raise SettingsFaulty([f"{data} holds things that are not this house's; choose another folder with --data"])


def _throw_away(data: Path) -> None:
    """Throws a folder away whole: renamed first, so that a stop on the way leaves no half of it to be served."""
    aside = data.with_name(data.name + ".thrown-away")
    shutil.rmtree(aside, ignore_errors=True)
    if data.exists():
        data.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def _settings(data: Path) -> Settings:
    environment = dict(os.environ)
    if "BEENTHERE_OIDC_ISSUER" not in environment:
        environment.setdefault("BEENTHERE_DEMO", "yes")
    settings = replace(read(environment), data=data)
    if settings.kafka or settings.database_url:
        raise SettingsFaulty(["`beenthere run` is the embedded house; run each service alone for Kafka and PostgreSQL"])
    if settings.demo and not settings.fhir_service_ids:
        settings = replace(settings, fhir_service_ids=(OUR_SERVICE_ID,))
    return settings


def _free_port(host: str, wanted: int) -> int:
    for port in range(wanted, wanted + _PORTS_TRIED if wanted else 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                click.echo(f"Port {port} is in use; trying the next one.")
                continue
            return port
    raise SettingsFaulty([f"no free port from {wanted} to {wanted + _PORTS_TRIED - 1}; choose another with --port"])


def _stop_on_signals(stopping: threading.Event) -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())


def _fill(open_house: Open, settings: Settings, front: Front, stopping: threading.Event, *, plain: bool) -> None:
    """Plays the year into a folder beside the real one, which it becomes only when it is whole."""
    spare_collections()
    filling = settings.data.with_name(settings.data.name + ".filling")
    shutil.rmtree(filling, ignore_errors=True)
    whole = fill(open_house, replace(settings, data=filling, relaxed=True), front.progress, stopping, plain=plain)
    if not whole:
        shutil.rmtree(filling, ignore_errors=True)
        return
    _to_disk(filling)
    filling.rename(settings.data)
    _sync(settings.data.parent)


def _to_disk(folder: Path) -> None:
    """Writes through what was filled without waiting for the disk, before it becomes the real folder."""
    for path in folder.iterdir():
        if path.is_file():
            _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    with suppress(OSError):
        os.fsync(handle)
    os.close(handle)


def _serve(
    open_house: Open, settings: Settings, front: Front, web: Web, stopping: threading.Event, headless: bool
) -> None:
    house = open_house(settings)
    keys = partner_keys(house, settings) if settings.demo and headless else []
    spare_collections()
    runners = [Runner(service, ROLES, stopping) for service in house.services.values()]
    for runner in runners:
        runner.start()
    front.house = house
    _wait_until_heard(house, stopping)
    _say_addresses(f"http://{settings.host}:{web.port}", keys)
    stopping.wait()
    web.stop()
    for runner in runners:
        runner.join()
    house.close()


def _wait_until_heard(house: House, stopping: threading.Event) -> None:
    """Waits until every room has heard who may come in: before that a newcomer's first page would say to try again."""
    ends = time.monotonic() + _HEARD_SECONDS
    while not all(service.watch.is_up_to_date() for service in house.services.values()):
        if stopping.wait(0.05) or time.monotonic() > ends:
            return


def _say_addresses(base: str, keys: list[tuple[str, str]]) -> None:
    rows = [
        ("Choose who to be", "/demo"),
        ("API documents", "/docs"),
        ("Events", "/events"),
        ("Services", "/services"),
        ("Metrics", "/metrics"),
    ]
    click.echo("\nBeen There is ready. Everyone in it is made up.\n")
    for words, path in rows:
        click.echo(f"  {words:<18} {base}{path}")
    if keys:
        click.echo(f"\nOne API key per made-up partner; {base}/oauth/token gives a bearer token for it:")
        for name, key in keys:
            click.echo(f"  {name:<34} {key}")
    click.echo("\nStop with Ctrl+C. The next start goes on where this one stopped; --fresh starts anew.", nl=True)
