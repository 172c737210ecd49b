"""Facts the supervision room states: sessions and rota, who is cleared for new matches, and every worry's way."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from contracts.fact import Brake, Code, fact

SESSION_KINDS = ("line", "peer_led", "group")
MISSED_BY = ("peer", "supervisor", "partner", "other")
HELD_BACK_CODES = ("conduct", "check", "training", "supervision_own_choice")
CLOSE_CODES = ("talked_through", "plan_in_place", "handed_to_authority", "no_longer_a_worry")
LEVELS = (1, 2, 3, 4)


@fact("peer.cleared.v1", owner="supervision", brake=Brake("peer_held_back", "peer_id", lifts=True))
class PeerCleared:
    """A peer has what new matches need: conduct accepted, checks and training current, supervision in date."""

    peer_id: str
    cleared_at: datetime


@fact("peer.held_back.v1", owner="supervision", brake=Brake("peer_held_back", "peer_id"), urgent=True)
class PeerHeldBack:
    """No new match for this peer for now; people already supported are kept."""

    peer_id: str
    held_back_at: datetime
    code: Annotated[str, Code(HELD_BACK_CODES)]


@fact("supervision.due.v1", owner="supervision")
class SupervisionDue:
    """A peer is owed a session by this time; their supervisor, when they have one yet, plans it."""

    peer_id: str
    partner_id: str
    supervisor_id: str | None
    kind: Annotated[str, Code(SESSION_KINDS)]
    due_at: datetime


@fact("supervision.planned.v1", owner="supervision")
class SupervisionPlanned:
    """A session was planned for a peer with a supervisor."""

    session_id: str
    peer_id: str
    supervisor_id: str
    kind: Annotated[str, Code(SESSION_KINDS)]
    starts_at: datetime
    due_at: datetime


@fact("supervision.held.v1", owner="supervision")
class SupervisionHeld:
    """Both confirmed that the session was held."""

    session_id: str
    peer_id: str
    supervisor_id: str
    kind: Annotated[str, Code(SESSION_KINDS)]
    held_at: datetime


@fact("supervision.missed.v1", owner="supervision")
class SupervisionMissed:
    """A session did not take place; because of whom, never a mark against anyone."""

    session_id: str
    peer_id: str
    supervisor_id: str
    missed_by: Annotated[str, Code(MISSED_BY)]
    missed_at: datetime


@fact("supervision.overdue.v1", owner="supervision")
class SupervisionOverdue:
    """A session due for a peer has not been planned or held in time."""

    peer_id: str
    partner_id: str
    kind: Annotated[str, Code(SESSION_KINDS)]
    due_at: datetime
    supervisor_id: str | None = None


@fact("concern.raised.v1", owner="supervision")
class ConcernRaised:
    """A worry is on a named human being's list, with the time by which they answer.

    Without an owner nobody may own it yet: the network lead's list shows it, and the first who may own it gets it.
    """

    concern_id: str
    level: int
    owner_id: str | None
    raised_by_id: str
    acknowledge_by: datetime
    raised_at: datetime


@fact("concern.acknowledged.v1", owner="supervision")
class ConcernAcknowledged:
    """The owner of a worry has read it and taken it up."""

    concern_id: str
    owner_id: str
    acknowledged_at: datetime


@fact("concern.handed_on.v1", owner="supervision")
class ConcernHandedOn:
    """A worry has a new owner, and the clock starts again; from nobody when nobody could own it before.

    Without a new owner its last one may not know of it any more, and nobody else may own it yet.
    """

    concern_id: str
    from_id: str | None
    owner_id: str | None
    acknowledge_by: datetime
    handed_on_at: datetime


@fact("concern.escalated.v1", owner="supervision")
class ConcernEscalated:
    """Nobody answered a worry in time; someone further up owns it now."""

    concern_id: str
    from_id: str
    owner_id: str
    acknowledge_by: datetime
    escalated_at: datetime


@fact("concern.closed.v1", owner="supervision")
class ConcernClosed:
    """A worry was brought to its end by its owner, who did not raise it."""

    concern_id: str
    owner_id: str
    code: Annotated[str, Code(CLOSE_CODES)]
    closed_at: datetime


FACTS: tuple[type, ...] = (
    PeerCleared,
    PeerHeldBack,
    SupervisionDue,
    SupervisionPlanned,
    SupervisionHeld,
    SupervisionMissed,
    SupervisionOverdue,
    ConcernRaised,
    ConcernAcknowledged,
    ConcernHandedOn,
    ConcernEscalated,
    ConcernClosed,
)
