"""Runs the supervision service alone: `python -m services.supervision --roles web,relay,listen,tick`."""

from __future__ import annotations

from chassis.serve import run_alone

from .app import create

run_alone(create)
