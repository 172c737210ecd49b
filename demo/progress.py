"""How far the filling has come: shown on a page, and in the terminal as a bar or as plain lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from markupsafe import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2"><title>Getting ready – Been There</title></head>
<body><main><h1>Getting ready</h1>
<p>Demo: made-up people. Nothing here is real.</p>
<p role="status">{words}: {done} of {whole}.</p>
<p>This page looks again every two seconds.</p></main></body></html>"""


@dataclass
class Progress:
    """Words, how much is done, and how much there is."""

    words: str = "Starting"
    done: int = 0
    whole: int = 1

    @contextmanager
    def shown(self, words: str, whole: int, *, plain: bool) -> Iterator[Progress]:
        """Shows one part of the work while it goes on: a bar on a terminal, else a line at each quarter."""
        self.words, self.done, self.whole = words, 0, max(1, whole)
        if plain:
            yield self
            click.echo(f"{words}: {self.done} of {self.whole}")
            return
        with Bars(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()) as bars:
            self._bars, self._task = bars, bars.add_task(words, total=self.whole)
            yield self
        self._bars = None

    _bars: Any = None
    _task: Any = None

    def step(self, count: int = 1) -> None:
        """Counts on."""
        before = self.done
        self.done += count
        if self._bars is not None:
            self._bars.update(self._task, completed=self.done)
        elif before * 4 // self.whole != self.done * 4 // self.whole and self.done < self.whole:
            click.echo(f"{self.words}: {self.done} of {self.whole}")


def page_of(progress: Progress, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The page while filling; anything but a look at it is asked to come again (503)."""
    is_look = environ.get("REQUEST_METHOD") in {"GET", "HEAD"} and environ.get("PATH_INFO") in {"/", "/demo"}
    body = _PAGE.format(words=escape(progress.words), done=progress.done, whole=progress.whole).encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Retry-After", "2"),
    ]
    start_response("200 OK" if is_look else "503 Service Unavailable", headers)
    return [body]
