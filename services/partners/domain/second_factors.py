"""The rules of a second factor: a code of the moment is good once, and recovery codes are good once each."""

from __future__ import annotations

from chassis.errors import Fault, Invalid

# Seconds a code stands for (RFC 6238), and how many steps before and after are taken for clocks that differ.
STEP_SECONDS = 30
AROUND = 1
RECOVERY_CODES = 10


class CodeRefused(Invalid):
    """The code does not fit the one your app shows."""

    says = "The code is not right."

    def __init__(self) -> None:
        super().__init__(faults=(Fault("code", "Enter the six digits your app shows now. Each code works once."),))


def steps_to_try(now_seconds: float, last_used: int) -> list[int]:
    """The steps whose codes are good now: the present one and its neighbours, none that was used or lies before it."""
    step = int(now_seconds) // STEP_SECONDS
    return [one for one in range(step - AROUND, step + AROUND + 1) if one > last_used]
