"""Which room owns which paths, behind one origin; the longest prefix that fits wins."""

from __future__ import annotations

SERVICES = ("home", "partners", "referrals", "matching", "support", "supervision", "reporting")

# What each room is for, in one sentence.
PURPOSES: dict[str, str] = {
    "home": "The front hall: the first page, each human being's work list, timelines, and what the rooms say.",
    "partners": "Who may come in: partner organisations, their agreements and their people.",
    "referrals": "People sent to the network by partners, and what became of each referral.",
    "matching": "Peers, and the people who wait for one: shortlist, proposal, taster, both yeses.",
    "support": "What a person and their peer do together, from the first meeting to the ending.",
    "supervision": "Supervision of peers, worries with their clocks, and who is cleared for new matches.",
    "reporting": "Figures by period and area; what must not be seen is hidden before it leaves.",
}

# path prefix: the room that answers there. Home answers for whatever nobody else owns.
PREFIXES: dict[str, str] = (
    {
        "/": "home",
        "/partners": "partners",
        "/sign-in": "partners",
        "/sign-out": "partners",
        "/oauth": "partners",
        "/l": "partners",
        "/api/v1/partners": "partners",
        "/outbox": "partners",
        "/referrals": "referrals",
        "/my/referral": "referrals",
        "/api/v1/referrals": "referrals",
        "/api/v1/events": "referrals",
        "/fhir": "referrals",
        "/matching": "matching",
        "/peers": "matching",
        "/my/match": "matching",
        "/api/v1/matches": "matching",
        "/api/v1/peers": "matching",
        "/support": "support",
        "/my/support": "support",
        "/api/v1/supports": "support",
        "/supervision": "supervision",
        "/worries": "supervision",
        "/api/v1/supervision": "supervision",
        "/api/v1/concerns": "supervision",
        "/reports": "reporting",
        "/api/v1/reports": "reporting",
    }
    | {f"/openapi/{name}.json": name for name in SERVICES}
    | {f"/ops/{name}": name for name in SERVICES}
    | {f"/services/{name}/set-aside": name for name in SERVICES}
)


def owner_of(path: str) -> str:
    """Gives the room that answers for `path`."""
    parts = path.rstrip("/").split("/")
    for size in range(len(parts), 1, -1):
        room = PREFIXES.get("/".join(parts[:size]))
        if room:
            return room
    return PREFIXES["/"]


# What stands in the header: words, path, and the action whoever sees it must be allowed.
NAVIGATION: tuple[tuple[str, str, str], ...] = (
    ("Your work", "/work", "work.list"),
    ("Referrals", "/referrals", "referral.read"),
    ("Waiting for a match", "/matching", "board.read"),
    ("Peers", "/peers", "peer.list"),
    ("Your offers", "/matching/offers", "match.answer_as_peer"),
    ("Your limits", "/peers/me", "peer.own_limits"),
    ("Support", "/support", "support.list"),
    ("Your team", "/supervision", "team.read"),
    ("Your supervision", "/supervision/mine", "supervision.own"),
    ("Worries", "/worries", "worry.handle"),
    ("Where things stand", "/my/referral/standing", "my.standing"),
    ("Your referral", "/my/referral", "my.referral"),
    ("Your match", "/my/match", "match.answer_as_person"),
    ("Your support", "/my/support", "support.own"),
    ("Who has looked", "/my/record", "my.record"),
    ("Looks to see to", "/referrals/looks", "look.read"),
    ("Raise a worry", "/worries/new", "worry.raise"),
    ("How we reach you", "/partners/how-we-reach-you", "reach.own"),
    ("Your account", "/partners/your-account", "account.own"),
    ("Partners", "/partners", "partner.list"),
    ("Report", "/reports", "report.read"),
    ("Events", "/events", "events.list"),
    ("Services", "/services", "services.list"),
)
