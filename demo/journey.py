"""One referral's steps by what it waits for: somebody to open it, a peer who could, a taster, two yeses."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime

from demo import sending
from demo.diary import Steps
from demo.matching import ask_peers, choose, hear_peers, meet_once, say_after_taster
from demo.story import DECLINES, Story
from demo.together import together
from demo.worries import take_up_danger

# How many working days before the end of the year somebody who rests on the way is first offered a peer.
_OFFERED_BEFORE_END = {
    "unanswered": 6, "asked": 1, "holding": 2, "chosen": 4, "taster_held": 9, "agreed": 11,
}  # fmt: skip


def journey(one: Story) -> Steps:
    """From the day a referral comes in to where its fate leaves it."""
    yield one.diary.on(one.arrives_on, one.draw)
    one.referral_id = sending.send(one.cast, one.partner, one.door, one.asked, one.draw)
    if one.asked["safety"]["present_danger"]:
        one.diary.begin(take_up_danger(one.cast, one.draw))
    if one.rests_at("received", "left_unread"):
        return
    yield one.next_working_day(most=2)
    acknowledge(one)
    if one.rests_at("acknowledged"):
        return
    yield one.next_working_day(most=2)
    if one.rests_at("declined"):
        decline(one)
        return
    accept(one)
    yield from waiting(one)


def acknowledge(one: Story) -> None:
    """A coordinator opens the referral."""
    row = one.coordinator.post(f"/api/v1/referrals/{one.referral_id}/acknowledgement")
    one.person_id = row["person_id"]


def decline(one: Story) -> None:
    """The referral does not go on, by somebody and for a reason."""
    by, reason = DECLINES[one.number % len(DECLINES)]
    one.coordinator.post(f"/api/v1/referrals/{one.referral_id}/decline", {"declined_by": by, "reason": reason})


def accept(one: Story) -> None:
    """A coordinator accepts; where the birth date is missing they have asked for it."""
    coordinator, at = one.coordinator, f"/api/v1/referrals/{one.referral_id}"
    if not one.asked["person"]["birth_date"]:
        year = one.diary.today.year - one.draw.randint(22, 70)
        coordinator.put(f"{at}/birth-date", {"birth_date": f"{year}-05-17"})
    coordinator.post(f"{at}/acceptance")


def waiting(one: Story) -> Steps:
    """The person waits for a match; some wait on, some withdraw, some must not be found."""
    if one.rests_at("waiting"):
        return
    if one.rests_at("withdrew_waiting", "protected_waiting"):
        yield one.in_days(4, 14)
        withdraw(one) if one.rests_at("withdrew_waiting") else protect(one)
        return
    yield from matching(one)


def withdraw(one: Story) -> None:
    """The person takes their consent back, on their own page or by telling a coordinator."""
    if one.happens(0.5):
        one.person.fill_in("/my/referral/withdrawal", {})
    else:
        one.coordinator.post(f"/api/v1/referrals/people/{one.person_id}/consent-withdrawal")


def protect(one: Story) -> None:
    """Somebody must not find this person."""
    one.coordinator.post(f"/api/v1/referrals/people/{one.person_id}/protection")


def matching(one: Story) -> Steps:
    """From an offer to where the story rests; when a match is let go the person waits on, and it is tried again."""
    yield _when_offered(one)
    while not (yield from one_match(one)):
        yield one.in_days(2, 6)


def _when_offered(one: Story) -> datetime:
    before_end = None if one.is_again else _OFFERED_BEFORE_END.get(one.fate.name)
    if before_end is None:
        return one.in_days(2, 16)
    day = one.diary.working_day_before_end(before_end)
    return max(one.diary.on(day, one.draw), one.next_working_day())


def one_match(one: Story) -> Generator[datetime, None, bool]:
    """Offered, heard, chosen, met once, agreed; true when the story rests here, false when the person waits on."""
    while not ask_peers(one):
        yield one.next_working_day() if one.fate.name in _OFFERED_BEFORE_END else one.in_days(10, 20)
    if one.rests_at("unanswered", "asked"):
        return True
    yield one.next_working_day()
    if one.rests_at("withdrew_when_asked"):
        withdraw(one)
        return True
    if not hear_peers(one):
        return False
    if one.rests_at("holding", "hold_lapsed"):
        return True
    yield one.next_working_day()
    if not choose(one):
        return False
    if one.rests_at("chosen"):
        return True
    return (yield from taster(one))


def taster(one: Story) -> Generator[datetime, None, bool]:
    """They meet once, and both say how it felt; after two yeses they walk together."""
    yield one.diary.in_working_days(one.draw.randint(2, 3), one.draw)
    if not meet_once(one):
        return False
    if one.rests_at("taster_held"):
        return True
    yield one.next_working_day()
    is_yes = one.is_again or not one.rests_at("not_agreed")
    one.is_again = one.is_again or not is_yes
    if not say_after_taster(one, is_yes=is_yes) or not is_yes:
        return False
    return one.rests_at("agreed") or (yield from support(one))


def support(one: Story) -> Generator[datetime, None, bool]:
    """They walk together; false when the person then waits again, for someone else or because they came back."""
    returns = yield from together(one)
    one.is_again = True
    return not returns
