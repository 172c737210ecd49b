"""Everything that can go wrong, as one tree, and what each branch asks of whoever meets it.

    Trouble
    ├── Refused            someone asked and the answer is no: it says why and what to do (a 4xx answer)
    │   ├── Invalid          422  what was sent breaks a rule; carries every fault at once
    │   │   └── Malformed    400  what was sent cannot be read at all
    │   ├── TooLarge         413
    │   ├── WrongMediaType   415
    │   ├── NotSignedIn      401
    │   ├── NotAllowed       403
    │   ├── NotFound         404  also the answer for what is not yours
    │   ├── Conflict         409  the state of things does not allow it now
    │   ├── BudgetSpent      429  (chassis/budget.py) shown very many people in this hour
    │   └── NotOffered       501
    ├── Retry              a part is away: nothing was lost, try again (503 with Retry-After, or back off)
    │   └── AuditNotWritten     what cannot be put on record is neither done nor shown
    ├── Park               it will not work until a person mends something: set it aside, let the rest flow
    └── Misbuilt           the program itself breaks a house rule: refuse to start

A domain names its refusals after the rule that refuses: `class ConsentMissing(Invalid)`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was sent: `where` is a dotted path of names, `says` is plain words with what to do."""

    where: str
    says: str


class Trouble(Exception):
    """Anything that went wrong in a way we have a name for."""

    says = "Something went wrong."

    def __init__(self, says: str | None = None) -> None:
        super().__init__(says or self.says)
        self.says = says or self.says

    @property
    def rule(self) -> str:
        """The name of the rule that refuses, as logs, audit rows and answers give it."""
        return type(self).__name__


class Refused(Trouble):
    """Someone asked, and the answer is no."""

    status = 409
    # After how many seconds it is worth asking again; None where waiting does not help.
    retry_after: int | None = None


class Invalid(Refused):
    """What was sent breaks a rule."""

    status = 422
    says = "There is a problem with what you sent."
    where = ""

    def __init__(self, says: str | None = None, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(says)
        self.faults = faults or ((Fault(self.where, self.says),) if self.where else ())


class Malformed(Invalid):
    """What was sent cannot be read."""

    status = 400
    says = "What you sent could not be read."


class TooLarge(Refused):
    """What was sent is larger than this door takes."""

    status = 413
    says = "What you sent is too large."


class WrongMediaType(Refused):
    """The content type is not one this door reads."""

    status = 415
    says = "This door does not read that content type."


class NotSignedIn(Refused):
    """Nobody is signed in, or the pass is no longer good."""

    status = 401
    says = "Sign in first."


class NotAllowed(Refused):
    """Whoever is signed in may not do this."""

    status = 403
    says = "You are signed in, but your role does not allow this."


class NotFound(Refused):
    """There is no such thing, or it is not yours; both get the same answer."""

    status = 404
    says = "There is nothing here, or it is not yours to see."


class Conflict(Refused):
    """The state of things does not allow it now."""

    status = 409
    says = "This cannot be done in its present state."


class NotOffered(Refused):
    """It is understood, but this service does not do it."""

    status = 501
    says = "This service does not offer that."


class Retry(Trouble):
    """A part this work needs is away for now; nothing was lost."""

    says = "A part of the service is away. Nothing was lost. Try again in a moment."


class AuditNotWritten(Retry):
    """What is done or shown could not be put on record, so it is not done and not shown."""

    says = "This cannot be put on record just now, so nothing was done or shown. Try again in a moment."


class Park(Trouble):
    """It will not work until a person mends something."""

    says = "Set aside until a person has looked at it."


class Misbuilt(Trouble):
    """The program breaks one of its own rules and must not start."""
