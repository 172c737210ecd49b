"""The rules of a second factor: a code of the moment is good once, and recovery codes are good once each."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from chassis.errors import Conflict, Fault, Invalid, NotAllowed

# Seconds a code stands for (RFC 6238), and how many steps before and after are taken for clocks that differ.
STEP_SECONDS = 30
AROUND = 1
# Recovery codes of one account, and letters of each. Of 31 letters the commonest comes up 9 times in 256, so 24 are
# some 115 bits at the least: more than the 112 from which a plain hash does (OWASP ASVS 5.0, 6.5.2).
RECOVERY_CODES = 10
RECOVERY_LETTERS, RECOVERY_GROUP = 24, 4


class CodeRefused(Invalid):
    """The code does not fit the one your app shows."""

    says = "The code is not right."

    def __init__(self) -> None:
        super().__init__(faults=(Fault("code", "Enter the six digits your app shows now. Each code works once."),))


class NoSecondFactor(Conflict):
    """There is no second factor to make codes for, or to reset."""

    says = "No code from an app is set up here. It can be set up at any time, on the page Your account."


class ResetReachesBeyondPartner(NotAllowed):
    """A partner lead asks for people whose roles stay inside their own partner."""

    says = "They have a role that reaches beyond one organisation, so the network lead asks for this."


def check_may_reset(roles: Iterable[str], given_by_partners: Collection[str], *, is_network: bool) -> None:
    """Refuses a reset by somebody of one partner for an account with a role that a partner does not give."""
    if not is_network and not set(roles) <= set(given_by_partners):
        raise ResetReachesBeyondPartner()


def steps_to_try(now_seconds: float, last_used: int) -> list[int]:
    """The steps whose codes are good now: the present one and its neighbours, none that was used or lies before it."""
    step = int(now_seconds) // STEP_SECONDS
    return [one for one in range(step - AROUND, step + AROUND + 1) if one > last_used]
