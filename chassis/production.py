"""The web role behind a proxy: one gunicorn worker with threads, the other roles' carriers beside it."""

from __future__ import annotations

import threading
from typing import Any

from gunicorn.app.base import BaseApplication

from chassis.parts import Shared
from chassis.serve import DRAIN_SECONDS, Runner, look_back, spare_collections
from chassis.service import Service
from chassis.web.waiting import WEB_THREADS


class _Application(BaseApplication):
    def __init__(self, wsgi: Any, options: dict[str, Any]) -> None:
        self._wsgi, self._options = wsgi, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._wsgi


def serve_gunicorn(service: Service, roles: tuple[str, ...], shared: Shared, host: str, port: int) -> None:
    """Serves until stopped; connections and threads are made in the worker, never before the fork."""
    stopping = threading.Event()
    runner = Runner(service, roles, stopping)

    def begin(worker: Any) -> None:
        service.database.close()
        # A worker that was told to stop lets requests in hand end; those that only wait end at once.
        shared.waits.leave_when(lambda: not worker.alive)
        spare_collections()
        look_back(service)
        runner.start()

    def end(_server: Any, _worker: Any) -> None:
        stopping.set()
        runner.join()
        service.close()
        shared.bus.close()

    _Application(
        service.app,
        {
            "bind": f"{host}:{port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": WEB_THREADS,
            "graceful_timeout": DRAIN_SECONDS,
            "keepalive": 5,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "post_worker_init": begin,
            "worker_exit": end,
            "control_socket_disable": True,
        },
    ).run()
