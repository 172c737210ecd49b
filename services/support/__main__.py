"""Runs the support service alone: `python -m services.support --roles web,relay`."""

from chassis.serve import run_alone
from services.support.app import create

run_alone(create)
