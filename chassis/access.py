"""Who is asking, what the one rule table lets them do, and on whose behalf a read may look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.errors import Misbuilt, NotAllowed, NotFound, NotSignedIn

PUBLIC = "public"


@dataclass(frozen=True)
class Principal:
    """Whoever knocks: `kind` is account, person, system, service or nobody; ids are opaque.

    `session` is the handle of the session a pass belongs to; `standing` how far the facts about its account had come
    when it was minted; `only` the one purpose a private link gave it for, and None for whoever signed in.
    """

    kind: str
    id: str
    partner_id: str | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    session: str | None = field(default=None, compare=False)
    standing: int = field(default=0, compare=False)
    only: str | None = None

    @property
    def asked_as(self) -> frozenset[str]:
        """The names the rule table is asked by: the roles, or, of a pass for one purpose, `role/purpose` alone."""
        return self.roles if self.only is None else frozenset(f"{role}/{self.only}" for role in self.roles)


class PartnerSuspended(NotAllowed):
    """A suspended organisation sends and sees nothing of its own until it is resumed."""

    says = "Your organisation is suspended from the network for now. Ask the network lead."


NOBODY = Principal("nobody", "nobody")


def the_service(name: str) -> Principal:
    """The service itself, acting on a fact or because time passed."""
    return Principal("service", name, roles=frozenset({"service"}))


@dataclass(frozen=True)
class Scope:
    """How far a read may look: `reach` is network, partner, own or none, and `who` is whoever asks."""

    reach: str
    who: Principal

    @property
    def partner_id(self) -> str | None:
        """The partner a read is bound to, or None when it may look across the network."""
        return self.who.partner_id if self.reach == "partner" else None

    @property
    def own_id(self) -> str | None:
        """The one id a read is bound to, or None when it may look further."""
        return self.who.id if self.reach == "own" else None


def service_scope(name: str) -> Scope:
    """The scope of reactions and routines: the whole of the service's own store."""
    return Scope("network", the_service(name))


# action -> role -> reach; handed in from the contracts at composition.
Rules = Mapping[str, Mapping[str, str]]

_WIDTH = {"own": 1, "partner": 2, "network": 3}


def scope_for(rules: Rules, who: Principal, action: str, *, is_partner_held: bool = False) -> Scope:
    """Gives the widest scope any of their roles has for `action`; refuses whoever has none, by default all.

    While their organisation is held back nobody reaches what is the organisation's; what is their own stays theirs.
    """
    if action == PUBLIC:
        return Scope("none", who)
    if action not in rules:
        raise Misbuilt(f"the action {action} is in no rule; add it to the role table")
    reaches = [rules[action][role] for role in who.asked_as if role in rules[action]]
    if not reaches:
        raise NotSignedIn() if who.kind == "nobody" else NotAllowed()
    if is_partner_held:
        reaches = [reach for reach in reaches if reach != "partner"]
        if not reaches:
            raise PartnerSuspended()
    return Scope(max(reaches, key=_WIDTH.__getitem__), who)


@dataclass(frozen=True)
class Resource:
    """What somebody asks for, as far as rights go: whose own it is, and whose organisation's."""

    own_ids: frozenset[str] = frozenset()
    partner_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """Whether it is allowed, and what it is called when it is not: `NotSignedIn`, `NotAllowed`, `NotFound` or such."""

    is_allowed: bool
    rule: str = ""


def covers(scope: Scope, resource: Resource) -> bool:
    """Whether a scope reaches one thing; a list of that scope holds it exactly then."""
    if scope.reach == "network":
        return True
    if scope.reach == "partner":
        return scope.partner_id is not None and scope.partner_id in resource.partner_ids
    return scope.reach == "own" and scope.who.id in resource.own_ids


def decide(rules: Rules, who: Principal, action: str, resource: Resource, *, is_partner_held: bool = False) -> Verdict:
    """Whether somebody may do `action` on one thing, from the same table as the scope of a list.

    What is out of reach is not found: that tells nobody it is there.
    """
    try:
        scope = scope_for(rules, who, action, is_partner_held=is_partner_held)
    except (NotSignedIn, NotAllowed) as refused:
        return Verdict(False, refused.rule)
    if action != PUBLIC and not covers(scope, resource):
        return Verdict(False, NotFound.__name__)
    return Verdict(True)


def may(rules: Rules, who: Principal, action: str) -> bool:
    """Says whether `scope_for` would give a scope, for pages that leave out what one may not do."""
    return any(role in rules.get(action, {}) for role in who.asked_as)
