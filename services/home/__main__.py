"""Runs the home service alone: `python -m services.home --roles web,listen`."""

from __future__ import annotations

from chassis.serve import run_alone

from .app import create

run_alone(create)
