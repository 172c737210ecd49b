"""The one fact any room may state: somebody is worried. It stands on a stream of its own and is never held up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from contracts.fact import Code, Seal, fact

ABOUT = ("person", "peer", "supervisor", "partner", "other")
RAISERS = ("person", "peer", "referrer", "staff")
# supervision / coordinator same day / safeguarding lead within 24 hours / emergency now (rules.md, Concerns)
LEVELS = (1, 2, 3, 4)


@fact("worry.raised.v1", owner="any", urgent=True)
class WorryRaised:
    """Somebody is worried; the words stay sealed, the level and the time do not.

    `safety` is the person's, where the room has it at hand: a worry waits for no other fact, and whom the person fears
    must not own it.
    """

    worry_id: str
    about: Annotated[str, Code(ABOUT)]
    about_id: str | None
    raised_by: Annotated[str, Code(RAISERS)]
    raised_by_id: str
    level: int
    raised_at: datetime
    words: Annotated[str, Seal("worry")]
    safety: Annotated[str | None, Seal("safety")] = None


FACTS: tuple[type, ...] = (WorryRaised,)
