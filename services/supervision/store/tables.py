"""The supervision tables."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.columns import Id, Moment
from chassis.events.projections import Projection
from chassis.tables import kept_from
from chassis.told import is_forgotten

metadata = sa.MetaData()

# Accounts that may own a worry, supervise, or are supervised, as partners opened them.
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("called", sa.Text, nullable=False),
)

account_roles = sa.Table(
    "account_roles",
    metadata,
    sa.Column("account_id", Id, sa.ForeignKey("accounts.account_id"), primary_key=True),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Index("account_roles_by_role", "role"),
)

partners = sa.Table(
    "partners",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)

# Whoever owns a worry about a person must know whom it is about; nothing else of a person is kept here.
people = sa.Table(
    "people",
    metadata,
    sa.Column("person_id", Id, primary_key=True),
    sa.Column("called", sa.Text, nullable=False),
    sa.Column("referral_id", Id, nullable=False),
)

# `peer_id` is the peer's account id. What new matches need is kept as days; `standing` is what was stated last.
peers = sa.Table(
    "peers",
    metadata,
    sa.Column("peer_id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("called", sa.Text, nullable=False),
    sa.Column("supervisor_id", Id, nullable=True),
    sa.Column("joined_at", Moment, nullable=False),
    sa.Column("is_paused", sa.Boolean, nullable=False),
    sa.Column("standing", sa.Text, nullable=False),
    sa.Column("conduct_accepted_on", sa.Date, nullable=True),
    sa.Column("check_valid_until", sa.Date, nullable=True),
    sa.Column("training_valid_until", sa.Date, nullable=True),
    sa.Index("peers_by_supervisor", "supervisor_id"),
    sa.Index("peers_by_standing", "standing"),
)

# Who walks beside whom: it leads from a person to their peer's supervisor.
supports = sa.Table(
    "supports",
    metadata,
    sa.Column("support_id", Id, primary_key=True),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("peer_id", Id, nullable=False),
    sa.Column("started_on", sa.Date, nullable=False),
    sa.Column("ended_on", sa.Date, nullable=True),
    sa.Index("supports_by_person", "person_id"),
    sa.Index("supports_by_peer", "peer_id"),
)

# What is owed to a peer: one open row for each kind they are entitled to; the next number when it is met or missed.
dues = sa.Table(
    "dues",
    metadata,
    sa.Column("peer_id", Id, sa.ForeignKey("peers.peer_id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Index("dues_by_state", "state", "due_at"),
)

# `because` says why an offered time was declined; an own choice counts only when the peer was on no break.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("session_id", Id, primary_key=True),
    sa.Column("peer_id", Id, sa.ForeignKey("peers.peer_id"), nullable=False),
    sa.Column("supervisor_id", Id, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("starts_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("supervisor_confirmed_at", Moment, nullable=True),
    sa.Column("peer_confirmed_at", Moment, nullable=True),
    sa.Column("settled_at", Moment, nullable=True),
    sa.Column("missed_by", sa.Text, nullable=True),
    sa.Column("because", sa.Text, nullable=True),
    sa.Index("sessions_by_peer", "peer_id", "state", "starts_at"),
    sa.Index("sessions_by_supervisor", "supervisor_id", "state"),
)

# `concern_id` is the worry's id. `rung` is the place on the ladder its owner holds it from; `turn` numbers its clocks.
# `words` stay sealed for the person it is about, or for whoever raised it.
concerns = sa.Table(
    "concerns",
    metadata,
    sa.Column("concern_id", Id, primary_key=True),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("about_id", Id, nullable=True),
    sa.Column("raised_by", sa.Text, nullable=False),
    sa.Column("raised_by_id", Id, nullable=False),
    sa.Column("raised_at", Moment, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("owner_id", Id, nullable=True),
    sa.Column("rung", sa.Integer, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("acknowledge_by", Moment, nullable=False),
    sa.Column("acknowledged_at", Moment, nullable=True),
    sa.Column("closed_at", Moment, nullable=True),
    sa.Column("code", sa.Text, nullable=True),
    sa.Index("concerns_by_owner", "owner_id", "state", "acknowledge_by"),
    sa.Index("concerns_by_raiser", "raised_by_id"),
)

# Versions of the code of conduct, and the day on which somebody last accepted one themselves.
conducts = sa.Table(
    "conducts",
    metadata,
    sa.Column("conduct_id", Id, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("published_on", sa.Date, nullable=False),
    sa.Column("in_force_on", sa.Date, nullable=False),
)

acceptances = sa.Table(
    "acceptances",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("accepted_on", sa.Date, nullable=False),
)

# What other rooms said and nothing here changes; all else is this room's own to decide. Whom somebody forgotten feared
# is kept while a worry of theirs is open, and stands in no text that opens.
PROJECTIONS = (
    *(Projection(table) for table in (accounts, account_roles, partners, people, supports, conducts, acceptances)),
    Projection(kept_from, taken_over=is_forgotten(kept_from.c.person_id)),
)
