"""Who may do what, in one table: action, role, and how far the action reaches.

Reach `own` is what stands under one's own id, `partner` one's own partner's, `network` all of it. What is not in the
table is refused. Every door names one of these actions; a door without one keeps its service from starting.

A pass given for one purpose is asked about as `role/purpose`: it has what the table gives that name, and nothing of
what the role has otherwise (chassis/access.py).
"""

from __future__ import annotations

from collections.abc import Mapping

REFERRER = "referrer"
PARTNER_LEAD = "partner_lead"
COORDINATOR = "coordinator"
PEER = "peer"
SUPERVISOR = "supervisor"
SAFEGUARDING_LEAD = "safeguarding_lead"
COMMISSIONER = "commissioner"
NETWORK_LEAD = "network_lead"
PRIVACY_OFFICER = "privacy_officer"
ADMINISTRATOR = "administrator"
PERSON = "person"
SYSTEM = "system"

ROLES = (
    REFERRER,
    PARTNER_LEAD,
    COORDINATOR,
    PEER,
    SUPERVISOR,
    SAFEGUARDING_LEAD,
    COMMISSIONER,
    NETWORK_LEAD,
    PRIVACY_OFFICER,
    ADMINISTRATOR,
    PERSON,
    SYSTEM,
)

# What a private link gives a pass for: a person's own pages, or, without the word they chose, where things stand. A
# link itself is made for one of these two (contracts/referrals.py).
OWN_PAGES, STANDING = "own_pages", "standing"
BY_LINK, WITHOUT_WORD = f"{PERSON}/{OWN_PAGES}", f"{PERSON}/{STANDING}"
NARROWED = (BY_LINK, WITHOUT_WORD)

# Every role a human being who works in the network may have. The person supported, and systems, have no account.
STAFF = tuple(role for role in ROLES if role not in {PERSON, SYSTEM})

OWN = "own"
PARTNER = "partner"
NETWORK = "network"

# What a brake of each kind does to whoever knocks, while their pass lives: `account` nothing goes any more, `passes`
# those minted before the fact are worth nothing, `partner` nothing of their organisation's own goes.
HOLDS: Mapping[str, str] = {
    "account_disabled": "account",
    "role_ended": "passes",
    "system_key_revoked": "passes",
    "partner_suspended": "partner",
}

# What is taken also while a room does not know the newest about people's rights: it must not be lost, or wait
# (docs/security.md). All else is answered 503 then.
MUST_NOT_WAIT = frozenset(
    {"referral.send", "partner_message.send", "consent.withdraw", "worry.raise", "worry.handle", "worry.unowned"}
)

# What makes a person somebody's own to keep safe, and the roles in which it does. `glass` is an opening all the same.
HOLDS_REFERRAL, WALKS_WITH, SUPERVISES = "holds_referral", "walks_with", "supervises"
OWNS_WORRY, GLASS = "owns_worry", "glass"
RELATIONS: Mapping[str, frozenset[str]] = {
    HOLDS_REFERRAL: frozenset({COORDINATOR}),
    WALKS_WITH: frozenset({PEER}),
    SUPERVISES: frozenset({SUPERVISOR}),
    OWNS_WORRY: frozenset({COORDINATOR, SAFEGUARDING_LEAD, NETWORK_LEAD}),
    GLASS: frozenset({COORDINATOR, SAFEGUARDING_LEAD, NETWORK_LEAD}),
}

RULES: Mapping[str, Mapping[str, str]] = {
    # home
    "work.list": {role: OWN for role in (*STAFF, PERSON, BY_LINK)},
    # whoever plans matches sees no count that would tell of one human being
    "events.list": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, COORDINATOR: OWN},
    "services.list": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, COORDINATOR: NETWORK},
    # what is set aside in any room: one asks, another confirms (chassis/web/set_aside.py)
    "parked.list": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK},
    "parked.ask": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK},
    "parked.confirm": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK},
    # who has looked at my record
    "my.record": {PERSON: OWN, BY_LINK: OWN, PEER: OWN},
    "timeline.read": {COORDINATOR: NETWORK, NETWORK_LEAD: NETWORK},
    # partners
    "partner.list": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, COORDINATOR: NETWORK, PARTNER_LEAD: PARTNER},
    "partner.join": {NETWORK_LEAD: NETWORK},
    "partner.suspend": {NETWORK_LEAD: NETWORK},
    "agreement.sign": {NETWORK_LEAD: NETWORK},
    "account.open": {NETWORK_LEAD: NETWORK, PARTNER_LEAD: PARTNER},
    "account.close": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, PARTNER_LEAD: PARTNER},
    "account.list": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, COORDINATOR: NETWORK, PARTNER_LEAD: PARTNER},
    # everything of somebody absent
    "handover.make": {NETWORK_LEAD: NETWORK, PARTNER_LEAD: PARTNER},
    # the critical questions, before the first referral
    "setup.answer": {NETWORK_LEAD: NETWORK, PARTNER_LEAD: PARTNER},
    # the code of conduct: its text is public
    "conduct.publish": {NETWORK_LEAD: NETWORK},
    "conduct.accept": {PEER: OWN, SUPERVISOR: OWN},
    # one asks for a role or an account, another confirms or refuses; a role ends at once, by one
    "role.ask": {NETWORK_LEAD: NETWORK, PARTNER_LEAD: PARTNER},
    # whoever lost app and recovery codes: one asks, another confirms
    "account.reset": {NETWORK_LEAD: NETWORK, PARTNER_LEAD: PARTNER},
    "role.end": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, PARTNER_LEAD: PARTNER},
    "asking.list": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, PARTNER_LEAD: PARTNER},
    "asking.settle": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, PARTNER_LEAD: PARTNER},
    "system.list": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, PARTNER_LEAD: PARTNER},
    "system.register": {NETWORK_LEAD: NETWORK, PARTNER_LEAD: PARTNER},
    "system.close": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, PARTNER_LEAD: PARTNER},
    # one's own password, second factor, recovery codes and sessions
    "account.own": {role: OWN for role in STAFF},
    # how one is reached oneself; and what was sent and did not arrive
    "reach.own": {role: OWN for role in STAFF},
    "notice.list": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, PARTNER_LEAD: PARTNER},
    "notice.settle": {NETWORK_LEAD: NETWORK, ADMINISTRATOR: NETWORK, PARTNER_LEAD: PARTNER},
    # referrals
    "referral.send": {REFERRER: PARTNER, PARTNER_LEAD: PARTNER, SYSTEM: PARTNER},
    # by exactly what is known of a person (services/referrals/domain/finding.py)
    "referral.search": {COORDINATOR: NETWORK},
    "referral.read": {REFERRER: PARTNER, PARTNER_LEAD: PARTNER, SYSTEM: PARTNER, COORDINATOR: NETWORK},
    "partner_message.send": {SYSTEM: PARTNER},
    "partner_message.read": {SYSTEM: PARTNER},
    "referral.decide": {COORDINATOR: NETWORK},
    "person.protect": {COORDINATOR: NETWORK, SAFEGUARDING_LEAD: NETWORK},
    "consent.withdraw": {PERSON: OWN, BY_LINK: OWN, WITHOUT_WORD: OWN, COORDINATOR: NETWORK},
    # one asks, another confirms or refuses (chassis/second.py)
    "person.forget": {PRIVACY_OFFICER: NETWORK},
    "confirmation.list": {PRIVACY_OFFICER: NETWORK, NETWORK_LEAD: NETWORK},
    "confirmation.settle": {PRIVACY_OFFICER: NETWORK, NETWORK_LEAD: NETWORK},
    # what keeps everyone safe: one's own are the people one works with now (RELATIONS)
    "safety.read": {COORDINATOR: OWN, PEER: OWN, SUPERVISOR: OWN, SAFEGUARDING_LEAD: OWN, NETWORK_LEAD: OWN},
    "glass.break": {COORDINATOR: NETWORK, SAFEGUARDING_LEAD: NETWORK, NETWORK_LEAD: NETWORK},
    "my.referral": {PERSON: OWN, BY_LINK: OWN},
    # where things stand, and nobody's name, no place and no time
    "my.standing": {WITHOUT_WORD: OWN},
    # a person's private link, and the word it asks for
    "link.mint": {COORDINATOR: NETWORK},
    "link.revoke": {COORDINATOR: NETWORK, SAFEGUARDING_LEAD: NETWORK},
    "word.choose": {COORDINATOR: NETWORK},
    # looks at records that should perhaps not have been (services/referrals/domain)
    "look.read": {PRIVACY_OFFICER: NETWORK},
    "look.settle": {PRIVACY_OFFICER: NETWORK},
    # matching
    "board.read": {COORDINATOR: NETWORK},
    "match.propose": {COORDINATOR: NETWORK},
    "match.record_answer": {COORDINATOR: NETWORK},
    "peer.list": {COORDINATOR: NETWORK, PARTNER_LEAD: PARTNER},
    "peer.join": {PARTNER_LEAD: PARTNER, NETWORK_LEAD: NETWORK},
    "peer.own_limits": {PEER: OWN},
    "match.answer_as_peer": {PEER: OWN},
    "match.answer_as_person": {PERSON: OWN, BY_LINK: OWN},
    # support
    "support.list": {PEER: OWN, COORDINATOR: NETWORK},
    "support.read": {PEER: OWN, PERSON: OWN, BY_LINK: OWN, COORDINATOR: NETWORK},
    "support.own": {PERSON: OWN, BY_LINK: OWN},
    "support.start": {PEER: OWN, COORDINATOR: NETWORK},
    "meeting.plan": {PEER: OWN, PERSON: OWN, BY_LINK: OWN},
    "contact.record": {PEER: OWN},
    "connection.keep": {PEER: OWN, PERSON: OWN, BY_LINK: OWN},
    "support.pause": {PEER: OWN, PERSON: OWN, BY_LINK: OWN, COORDINATOR: NETWORK},
    "support.end": {PEER: OWN, PERSON: OWN, BY_LINK: OWN, COORDINATOR: NETWORK},
    # supervision
    "team.read": {SUPERVISOR: OWN, NETWORK_LEAD: NETWORK},
    "supervision.plan": {SUPERVISOR: OWN},
    "supervision.confirm": {SUPERVISOR: OWN, PEER: OWN},
    "supervision.own": {PEER: OWN},
    "peer.clear": {SUPERVISOR: OWN, NETWORK_LEAD: NETWORK},
    "worry.raise": {role: OWN for role in (*STAFF, PERSON, *NARROWED)},
    "worry.unowned": {NETWORK_LEAD: NETWORK},
    "worry.handle": {SUPERVISOR: OWN, COORDINATOR: OWN, SAFEGUARDING_LEAD: OWN, NETWORK_LEAD: OWN},
    # reporting
    "report.read": {COMMISSIONER: NETWORK, NETWORK_LEAD: NETWORK},
}

# Commands of `beenthere`, each with its action: whoever has a shell of the house may do them, and what names an account
# asks for one on record. A command that is not here keeps the house from starting.
COMMANDS: Mapping[str, str] = {
    "run": "house.run",
    "set-up": "network.set_up",
    "events topology plan": "topology.read",
    "events topology apply": "topology.apply",
    "events topology drift": "topology.read",
    "events topology password": "topology.apply",
    "events parked list": "parked.list",
    "events parked ask-replay": "parked.ask",
    "events parked ask-give-up": "parked.ask",
    "events restate": "facts.restate",
    "events rebuild": "facts.rebuild",
    "events settle": "copy.settle",
    "keys rotate": "keys.rotate",
    "keys status": "keys.read",
    "keys backup": "keys.copy",
    "keys restore": "keys.restore",
    "keys keep": "keys.rotate",
    "audit verify": "audit.verify",
    "audit export": "audit.export",
    "audit public-key": "audit.verify",
}
