"""What there is to do: each kind of work in words, what is late, what may be shown, and the order of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

# Restrictions under which nothing of a person is shown at all, the one under which only no name is, and a partner's.
HIDES = frozenset({"consent_withdrawn", "fenced", "forgotten"})
PROTECTED = "protected"
PARTNER_SUSPENDED = "partner_suspended"


@dataclass(frozen=True)
class Kind:
    """One kind of work.

    `says` greets by `{called}`, `unnamed` is said where no name may be shown. `link` leads to the room that owns it.
    `is_clock`: passing its time makes it late; for a peer or a person nothing is ever late. `afterwards` is said once
    its time has come, for what happens at a time; "" takes it away then, None says the same before and after.
    `stays`: somebody must do it for a protected person too, without a name. `when` stands before its time (a day when
    `is_day`) and `waits` before the moment since when it is there; where one is empty, that time is not shown.
    """

    says: str
    unnamed: str
    link: str | None
    is_clock: bool = False
    afterwards: str | None = None
    stays: bool = False
    when: str = ""
    is_day: bool = False
    waits: str = ""


def _clock(says: str, unnamed: str, link: str, *, stays: bool = False) -> Kind:
    return Kind(says, unnamed, link, is_clock=True, stays=stays, when="By")


def _meeting(says: str, unnamed: str, link: str, afterwards: str) -> Kind:
    return Kind(says, unnamed, link, afterwards=afterwards, when="At")


_OVERDUE = "A referral waits past its time: ask the coordinators what it needs"
_CHOOSE = "Someone could be your peer: see who, and choose if you wish"
_LIMITS = "Say what you take, and when you are free"
_READ_WORRY = "A worry is on your list: read it"
_LOOK = "Somebody opened a record they may be too near to: see to it"
_SETUP = "Tell us about your peer support, before you refer anybody"
_CONDUCT = "Read the code of conduct, and say yes to it if you agree"
_GLASS = "Somebody opened what keeps a person safe, without working with them: see to it"
_CONFIRM = "Something waits for a second person: confirm or refuse it"
_UNOWNED = "A worry has nobody yet: see who can take it"

KINDS: Mapping[str, Kind] = {
    # coordinators
    "open_referral": _clock("Open the referral of {called}", "Open a referral", "/referrals/{thing}", stays=True),
    "decide_referral": _clock(
        "Decide about the referral of {called}", "Decide about a referral", "/referrals/{thing}", stays=True
    ),
    "find_peer": Kind(
        "Find someone for {called}", "Find someone for a person who waits", "/matching/{thing}", waits="Waiting since"
    ),
    "look_at_match": _clock(
        "See what holds up the match of {called}", "See what holds up a match", "/matching/match/{thing}"
    ),
    # whoever is told of what nobody did in time
    "ask_about_referral": _clock(_OVERDUE, _OVERDUE, "/timelines/{thing}", stays=True),
    # peers
    "say_limits": Kind(_LIMITS, _LIMITS, "/peers/me"),
    "answer_offer": Kind(
        "Say whether you could be a peer for {called}", "Say whether you could be someone's peer", "/matching/offers",
        when="By",
    ),
    "hold_taster": Kind(
        "Meet {called} once, and say when you have", "Meet once, and say when you have", "/matching/offers"
    ),
    "peer_says": Kind(
        "Say whether you would like to begin with {called}", "Say whether you would like to begin", "/matching/offers"
    ),
    "start_support": Kind(
        "Agree an end date with {called}, and begin", "Agree an end date together, and begin", "/support"
    ),
    "peer_meets": _meeting(
        "You meet {called}", "You have a meeting", "/support/{thing}", "If you met {called}, say so in two taps"
    ),
    "plan_ending": Kind(
        "Plan the ending together with {called}", "Plan the ending together", "/support/{thing}", when="Agreed for",
        is_day=True,
    ),
    # people
    "choose_peer": Kind(_CHOOSE, _CHOOSE, "/my/match"),
    "person_says": Kind(
        "You have met {called}: say whether you would like to begin", "Say whether you would like to begin", "/my/match"
    ),
    "person_meets": _meeting("You meet {called}", "You have a meeting", "/my/support", ""),
    # supervision
    "plan_supervision": _clock("Plan supervision with {called}", "Plan a supervision session", "/supervision"),
    "find_supervisor": _clock("Find a supervisor for {called}", "Find a supervisor for a peer", "/supervision"),
    "supervisor_holds": _meeting(
        "Supervision with {called}", "A supervision session", "/supervision",
        "Say whether supervision with {called} was held",
    ),
    "peer_holds": _meeting(
        "Your supervision with {called}", "Your supervision", "/supervision/mine",
        "Say whether your supervision with {called} was held",
    ),
    # worries: no name of anyone, ever
    "read_worry": _clock(_READ_WORRY, _READ_WORRY, "/worries"),
    "worry_unowned": _clock(_UNOWNED, _UNOWNED, "/worries"),
    "handle_worry": Kind("A worry is in your hands", "A worry is in your hands", "/worries", waits="Since"),
    "worry_in_hand": Kind("The worry you raised is in hand", "The worry you raised is in hand", None, waits="Since"),
    # the privacy officer: no name of anyone, and no word of who looked at whom
    "see_to_look": Kind(_LOOK, _LOOK, "/referrals/looks/{thing}", waits="Since"),
    "see_to_glass": Kind(_GLASS, _GLASS, "/referrals/looks/glass/{thing}", waits="Since"),
    "confirm_asking": _clock(_CONFIRM, _CONFIRM, "/referrals/confirmations/{thing}"),
    "confirm_at_partners": _clock(_CONFIRM, _CONFIRM, "/partners/askings"),
    # partners, network, commissioners
    "welcome_peer": Kind("Welcome {called} as a peer", "Welcome a new peer", "/peers/joining"),
    "renew_agreement": Kind(
        "Renew the agreement with {called}", "Renew the agreement with a partner", "/partners/{thing}", is_clock=True,
        when="Ends on", is_day=True,
    ),
    "answer_setup": Kind(_SETUP, _SETUP, "/partners/{thing}/questions", waits="Asked on"),
    "accept_conduct": Kind(_CONDUCT, _CONDUCT, "/partners/conduct", waits="Published on"),
    "reach_reader": Kind(
        "A message to {called} did not arrive: make sure they hear of it",
        "A message did not arrive: make sure whoever it was for hears of it", "/partners/notices", waits="Since",
    ),
    "read_report": Kind("Read the newest report", "Read the newest report", "/reports", waits="Published on"),
}  # fmt: skip


def is_late(kind: str, due_at: datetime | None, now: datetime) -> bool:
    """Whether a step that runs on a clock is past its time."""
    return KINDS[kind].is_clock and due_at is not None and due_at < now


def has_come(kind: str, due_at: datetime | None, now: datetime) -> bool:
    """Whether something that happens at a time has come to it."""
    return KINDS[kind].afterwards is not None and due_at is not None and due_at <= now


def may_show(
    kind: str, restrictions: frozenset[str], due_at: datetime | None, now: datetime, *, is_own: bool = False
) -> bool:
    """Whether a piece of work may stand on a list; `restrictions` are those on its person and on its partner.

    Of a protected person only what somebody must do is shown, and nothing on their own page, which others may see over
    their shoulder (rules.md, Referring: safe contact).
    """
    if restrictions & HIDES or PARTNER_SUSPENDED in restrictions:
        return False
    if PROTECTED in restrictions and (is_own or not KINDS[kind].stays):
        return False
    return not (KINDS[kind].afterwards == "" and has_come(kind, due_at, now))


def may_name(restrictions: frozenset[str]) -> bool:
    """Whether the person may be named on a list."""
    return PROTECTED not in restrictions and not restrictions & HIDES


def words(kind: str, called: str, due_at: datetime | None, now: datetime) -> str:
    """What a piece of work says; `called` is empty where no name is shown."""
    known = KINDS[kind]
    if known.afterwards and has_come(kind, due_at, now):
        return known.afterwards.format(called=called or "them")
    return known.says.format(called=called) if called else known.unnamed


def place_in_list(kind: str, due_at: datetime | None, since: datetime, now: datetime) -> tuple[int, datetime]:
    """Where a piece of work stands: late ones first, longest late before; then by due time; then the longest there."""
    if is_late(kind, due_at, now) and due_at:
        return 0, due_at
    return (1, due_at) if due_at else (2, since)
