"""Runs the reporting service alone: `python -m services.reporting --roles web,listen`."""

from chassis.serve import run_alone
from services.reporting.app import create

run_alone(create)
