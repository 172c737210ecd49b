"""Runs the referrals service alone: `python -m services.referrals --roles web,relay`."""

from chassis.serve import run_alone
from services.referrals.app import create

run_alone(create)
