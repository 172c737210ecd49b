"""Runs the partners service alone: `python -m services.partners --roles web,relay`."""

from chassis.serve import run_alone
from services.partners.app import create

run_alone(create)
