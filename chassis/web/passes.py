"""Passes: a signed statement of who knocks, minted by one room, read by every room; only the chassis reads the cookie.

In a demo the pass is signed with a secret the rooms share. Without demo mode no pass is accepted yet: 401.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Request
from itsdangerous import BadData, URLSafeSerializer

from chassis.access import NOBODY, Principal
from chassis.errors import NotSignedIn

COOKIE = "beenthere_pass"
# A demo pass lives as long as a working day; real sessions come with real sign-in.
HOURS = 10


class PassRefused(NotSignedIn):
    """The pass is not one of ours, or no longer good."""

    says = "Your pass is not valid, or it has run out. Sign in again."


class Passes:
    """Mints and reads passes for one network."""

    def __init__(self, secret: str, *, accepted: bool) -> None:
        self._signer = URLSafeSerializer(secret or "no passes are accepted here", salt="beenthere pass 1")
        self._accepted = accepted and bool(secret)

    def mint(self, who: Principal, *, called: str | None, until: datetime | None) -> str:
        """Gives the pass of `who`; `called` is the sealed token of what they want to be called, `until` its end."""
        claims: dict[str, Any] = {"k": who.kind, "i": who.id, "r": sorted(who.roles)}
        if who.partner_id:
            claims["p"] = who.partner_id
        if called:
            claims["c"] = called
        if until:
            claims["e"] = int(until.timestamp())
        return str(self._signer.dumps(claims))

    def read(self, text: str, now: datetime) -> tuple[Principal, str | None]:
        """Gives who the pass speaks of and their sealed name; raises PassRefused for anything else."""
        if not self._accepted:
            raise PassRefused()
        try:
            claims = self._signer.loads(text)
        except BadData:
            raise PassRefused() from None
        if "e" in claims and now.timestamp() >= claims["e"]:
            raise PassRefused()
        who = Principal(claims["k"], claims["i"], claims.get("p"), frozenset(claims["r"]))
        return who, claims.get("c")

    def whose(self, request: Request, now: datetime) -> tuple[Principal, str | None, str]:
        """Who a request is from, their sealed name, and by which way they showed it: bearer, cookie or none."""
        header = request.headers.get("Authorization", "")
        if header:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer" or not token:
                raise PassRefused()
            who, called = self.read(token.strip(), now)
            return who, called, "bearer"
        cookie = request.cookies.get(COOKIE)
        if cookie:
            try:
                who, called = self.read(cookie, now)
            except PassRefused:
                return NOBODY, None, "none"
            return who, called, "cookie"
        return NOBODY, None, "none"


def end_of_pass(now: datetime) -> datetime:
    """When a pass minted now runs out."""
    return now + timedelta(hours=HOURS)
