"""The life of a match: proposed, "I could", chosen, taster, agreed or let go; what does not fit is refused by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.errors import Conflict, Invalid, NotFound

# A match.
ASKING, CHOSEN, TASTER_HELD, AGREED, SUPPORTED, ENDED, RELEASED = (
    "asking", "chosen", "taster_held", "agreed", "supported", "ended", "released",
)  # fmt: skip
STILL_OPEN = (ASKING, CHOSEN, TASTER_HELD)
# An option: one peer of a match. `could` and `chosen` each use one of the peer's places.
ASKED, COULD = "asked", "could"
USES_A_PLACE = (COULD, CHOSEN)
OPEN_OPTIONS = (ASKED, COULD, CHOSEN)
# A person who waits.
WAITING, OFFERED, MATCHED, GONE = "waiting", "offered", "matched", "gone"
# Restrictions under which nothing is offered for a person, and those under which they never wait again.
NOT_OFFERED = frozenset({"protected", "consent_withdrawn", "forgotten"})
GONE_FOR_GOOD = frozenset({"consent_withdrawn", "forgotten"})

STAGES: Mapping[str, str] = {
    ASKING: "Being asked",
    CHOSEN: "Chosen, taster to come",
    TASTER_HELD: "Taster held",
    AGREED: "Both said yes",
    SUPPORTED: "Support is under way",
    ENDED: "Support ended",
    RELEASED: "Let go",
}
OPTION_STAGES: Mapping[str, str] = {
    ASKED: "Asked",
    COULD: "Said “I could”",
    CHOSEN: "Chosen",
    RELEASED: "Not this time",
    ENDED: "Support ended",
}


class PersonNotWaiting(Conflict):
    """The person does not wait for an offer now."""

    says = "This person is not waiting for an offer now: they have one, or their referral has ended."


class PersonNotOffered(Conflict):
    """Nothing is proposed for this person: they are protected, took their consent back, or are forgotten."""

    says = "Nothing is offered for this person just now. Ask the safeguarding lead."


class PeerAtCapacity(Conflict):
    """People and holds already use every place of the peer."""

    says = "This peer has no place free now, so this cannot be said for them. Offer someone else."


class PeerNotAvailable(Conflict):
    """The peer is not available for a new match; why is theirs alone."""

    says = "This peer is not available just now."


class PeerDoesNotFit(Invalid):
    """A hard rule excludes one of the peers named."""

    where = "peer_ids"


class AskFirst(Invalid):
    """Something that must fit is not known yet."""

    where = "has_asked"


class OptionNotOpen(Conflict):
    """The option was let go, or the match is past this step."""

    says = "This option is not open any more, so no answer can be given to it."


class NotYetAsked(NotFound):
    """The peer is not part of this match."""

    says = "This peer was not asked in this match."


class AlreadyAnswered(Conflict):
    """The peer has said this already."""

    says = "This answer was given already."


class PeerHasNotSaidYes(Conflict):
    """A person chooses among peers who said they could."""

    says = "This peer has not said yet that they could. Wait for their answer, or choose someone who has."


class NothingChosenYet(Conflict):
    """A taster is held with the peer the person chose."""

    says = "The person has not chosen this peer, so there is no taster to record."


class TasterNotHeld(Conflict):
    """Both answer only after they have met once."""

    says = "Record the taster first. Both answer after they have met."


class TasterInTheFuture(Invalid):
    """A taster is recorded after it was held."""

    where = "held_at"
    says = "This moment is still to come. Record the taster after it was held."


@dataclass(frozen=True)
class Option:
    """One peer of a match."""

    peer_id: str
    state: str


@dataclass(frozen=True)
class Match:
    """Where one match stands; `person_says` and `peer_says` are the answers after the taster."""

    match_id: str
    state: str
    options: tuple[Option, ...]
    chosen_peer_id: str | None = None
    person_says: bool | None = None
    peer_says: bool | None = None

    def option(self, peer_id: str) -> Option:
        """The option of one peer; refuses a peer who was never asked in this match."""
        for option in self.options:
            if option.peer_id == peer_id:
                return option
        raise NotYetAsked()


def check_may_offer(braked: frozenset[str], state: str) -> None:
    """Refuses to propose for a person who is protected, took consent back, or does not wait."""
    if braked & NOT_OFFERED:
        raise PersonNotOffered()
    if state != WAITING:
        raise PersonNotWaiting()


def check_may_say_could(match: Match, peer_id: str, *, is_available: bool, free_places: int) -> None:
    """Checks that a peer may say "I could" now: still asked, available, and a place to hold."""
    option = match.option(peer_id)
    if match.state != ASKING or option.state not in (ASKED, COULD):
        raise OptionNotOpen()
    if option.state == COULD:
        raise AlreadyAnswered()
    if not is_available:
        raise PeerNotAvailable()
    if free_places < 1:
        raise PeerAtCapacity()


def check_may_choose(match: Match, peer_id: str) -> tuple[str, ...]:
    """Checks that the person may choose a peer now; gives the peers whose options are then not needed."""
    option = match.option(peer_id)
    if match.state == CHOSEN and option.state == CHOSEN:
        raise AlreadyAnswered()
    if match.state != ASKING or option.state not in (ASKED, COULD):
        raise OptionNotOpen()
    if option.state == ASKED:
        raise PeerHasNotSaidYes()
    return tuple(one.peer_id for one in match.options if one.peer_id != peer_id and one.state in OPEN_OPTIONS)


@dataclass(frozen=True)
class LetGo:
    """What a "not this time" does: the code of the option, and whether the whole match goes with it."""

    code: str
    whole: bool


def not_this_time(match: Match, peer_id: str, side: str) -> LetGo:
    """What follows when one side says "not this time" of one option; after the taster it is the taster's answer."""
    option = match.option(peer_id)
    if match.state not in STILL_OPEN or option.state not in OPEN_OPTIONS:
        raise OptionNotOpen()
    if side == "person" and option.state == ASKED:
        raise PeerHasNotSaidYes()
    code = "taster_not_agreed" if match.state == TASTER_HELD else f"{side}_not_this_time"
    return LetGo(code, goes_whole(match, [peer_id]))


def goes_whole(match: Match, leaving: Sequence[str]) -> bool:
    """Whether nothing is left of a match when these peers leave it: nobody still asked, or the chosen one gone."""
    if match.state in (CHOSEN, TASTER_HELD):
        return match.chosen_peer_id in leaving
    return not any(one.state in OPEN_OPTIONS and one.peer_id not in leaving for one in match.options)


def check_taster(match: Match, peer_id: str, held_at: datetime, now: datetime) -> None:
    """Checks that a taster of this pair may be recorded as held."""
    match.option(peer_id)
    if match.state == TASTER_HELD and match.chosen_peer_id == peer_id:
        raise AlreadyAnswered()
    if match.state != CHOSEN or match.chosen_peer_id != peer_id:
        raise NothingChosenYet()
    if held_at > now:
        raise TasterInTheFuture()


def after_taster(
    match: Match, person_says: bool | None, peer_says: bool | None
) -> tuple[bool | None, bool | None, str]:
    """Takes in what either side says after the taster; gives both answers and the state that follows.

    None leaves a side as it was. One "not this time" lets the match go; two yeses agree it.
    """
    if match.state != TASTER_HELD:
        raise TasterNotHeld()
    person = match.person_says if person_says is None else person_says
    peer = match.peer_says if peer_says is None else peer_says
    if person is False or peer is False:
        return person, peer, RELEASED
    return person, peer, AGREED if person and peer else TASTER_HELD


def holds_to_give_up(places: int, used: int, holds: Sequence[str]) -> tuple[str, ...]:
    """Which holds, newest first, go when a peer has fewer places now; people already chosen are kept."""
    return tuple(holds[: max(0, used - places)])
