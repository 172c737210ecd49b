"""Health, readiness per role and metrics, for whoever runs the service."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.access import PUBLIC
from chassis.web.door import door, here


def blueprint(service: str) -> Blueprint:
    """The operations routes under `/ops/<service>/`, and at the root for a service that runs alone."""
    ops = Blueprint("ops", __name__)

    for prefix, end in ((f"/ops/{service}", ""), ("", "_alone")):
        ops.add_url_rule(f"{prefix}/health", f"health{end}", door(PUBLIC)(health))
        ops.add_url_rule(f"{prefix}/ready", f"ready{end}", door(PUBLIC)(ready))
        ops.add_url_rule(f"{prefix}/metrics", f"metrics{end}", door(PUBLIC)(metrics))
    return ops


def health() -> Response:
    """The process is alive; nothing else is asked."""
    return jsonify({"service": here().name, "health": "alive"})


def ready() -> Any:
    """Each role says whether what it needs is there; 503 when any role that runs here lacks a part."""
    roles = here().readiness()
    well = all(all(parts.values()) for parts in roles.values())
    return jsonify({"service": here().name, "ready": well, "roles": roles}), 200 if well else 503


def metrics() -> Response:
    """This service's metrics in Prometheus text form."""
    return Response(generate_latest(here().registry), content_type=CONTENT_TYPE_LATEST)
