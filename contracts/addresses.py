"""Which room owns which paths, behind one origin; the longest prefix that fits wins."""

from __future__ import annotations

SERVICES = ("home", "partners", "referrals", "matching", "support", "supervision", "reporting")

# path prefix: the room that answers there. Home answers for whatever nobody else owns.
PREFIXES: dict[str, str] = (
    {
        "/": "home",
        "/partners": "partners",
        "/sign-in": "partners",
        "/sign-out": "partners",
        "/api/v1/partners": "partners",
        "/referrals": "referrals",
        "/my/referral": "referrals",
        "/api/v1/referrals": "referrals",
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
    ("Your referral", "/my/referral", "my.referral"),
    ("Your match", "/my/match", "match.answer_as_person"),
    ("Your support", "/my/support", "support.own"),
    ("Partners", "/partners", "partner.list"),
    ("Report", "/reports", "report.read"),
    ("Events", "/events", "events.list"),
    ("Services", "/services", "services.list"),
)
