"""Log lines as JSON with an allow-list of fields: what is not on it is never written, so nothing personal slips in."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "service", "role", "request_id", "correlation_id", "action", "rule", "status",
        "method", "route", "took_ms", "fact_type", "stream", "number", "reason", "count", "topic", "partition", "port",
        "path", "attempt", "who_kind", "error", "place",
    }
)  # fmt: skip


def only_allowed(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drops every field that is not on the list and counts how many were dropped."""
    dropped = [name for name in line if name not in ALLOWED]
    for name in dropped:
        del line[name]
    return line


def configure(level: str = "info") -> None:
    """Sets up logging for the whole process; call once at the start."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    logging.getLogger("waitress").setLevel(logging.ERROR)


def logger(service: str) -> Any:
    """A logger that names its service on every line."""
    return structlog.get_logger().bind(service=service)


def crash_place(trouble: BaseException) -> str:
    """Where an unexpected error arose, as `file:line`, without its message, which may hold personal text."""
    frame = trouble.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    if not frame:
        return "unknown"
    return f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}"
