"""Runs the matching service alone: `python -m services.matching --roles web,relay,listen,tick`."""

from __future__ import annotations

from chassis.serve import run_alone

from .app import create

run_alone(create)
