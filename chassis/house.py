"""Several services in one process behind one origin: each answers for its own paths, all share carrier and keys."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from chassis.errors import Misbuilt
from chassis.parts import Shared
from chassis.serve import Create, look_back, share
from chassis.service import Service, pump_all
from chassis.settings import Settings
from chassis.telemetry import Joined
from chassis.web.headers import plain_headers


class FolderInUse(Misbuilt):
    """Another process works in this data folder."""


class House:
    """The services of one process."""

    def __init__(self, services: Mapping[str, Service], shared: Shared, owner_of: Callable[[str], str]) -> None:
        self.services, self.shared = services, shared
        self._owner_of = owner_of
        self._metrics = CollectorRegistry()
        self._metrics.register(Joined(service.registry for service in services.values()))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Hands a request to the service that owns its path; health, readiness and metrics speak for all."""
        path = environ.get("PATH_INFO", "/")
        if path in {"/health", "/ready"}:
            return self._stand(path, environ, start_response)
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST), *self._plain_headers(environ)])
            return [generate_latest(self._metrics)]
        answer: Iterable[bytes] = self.services[self._owner_of(path)].app(environ, start_response)
        return answer

    def _stand(self, path: str, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        states = {
            name: "alive" if path == "/health" else service.readiness() for name, service in self.services.items()
        }
        well = path == "/health" or all(
            all(parts.values()) for roles in states.values() if isinstance(roles, dict) for parts in roles.values()
        )
        status = "200 OK" if well else "503 Service Unavailable"
        start_response(status, [("Content-Type", "application/json"), *self._plain_headers(environ)])
        return [json.dumps({"ready" if path == "/ready" else "alive": well, "services": states}).encode()]

    def _plain_headers(self, environ: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What every answer carries that no room gives."""
        return plain_headers(environ.get("HTTP_X_REQUEST_ID", ""), self.shared.ids)

    def pump(self) -> int:
        """Carries facts until every service is quiet; gives how many moved."""
        return pump_all(self.services)

    def tick(self) -> int:
        """Runs every service's routines once; gives how many things were done."""
        return sum(service.tick() for service in self.services.values())

    def close(self) -> None:
        """Closes every service and what they share."""
        for service in self.services.values():
            service.close()
        self.shared.bus.close()
        self.shared.keys.database.close()


def open_house(settings: Settings, rooms: Mapping[str, Create], owner_of: Callable[[str], str], **handed: Any) -> House:
    """Opens the rooms on one embedded carrier; `handed` may hold a clock, ids, pass keys and a watch."""
    settings.data.mkdir(parents=True, exist_ok=True)
    shared = share(settings, **handed)
    services = {name: create(settings, shared) for name, create in rooms.items()}
    for service in services.values():
        look_back(service)
    return House(services, shared, owner_of)


def lock_folder(data: Path) -> TextIO:
    """Locks a data folder against a second process until the file given is closed; refuses one in use."""
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        lock = (data.parent / f"{data.name}.lock").open("w")
    except OSError as fault:
        raise FolderInUse(f"The folder {data} cannot be written ({fault.strerror}). Choose another one.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise FolderInUse(f"The folder {data} is in use by another running house. Stop it, or choose --data.") from None
    return lock
