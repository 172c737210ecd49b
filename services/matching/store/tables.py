"""The matching tables."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.columns import Id, Moment
from chassis.events.projections import Projection

metadata = sa.MetaData()

# Accounts that may join as peers, as partners opened them.
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("called", sa.Text, nullable=False),
)

partners = sa.Table(
    "partners",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)

# `peer_id` is the peer's account id. `about` is sealed for the peer: entries and levels, topics not taken, gender.
peers = sa.Table(
    "peers",
    metadata,
    sa.Column("peer_id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("called", sa.Text, nullable=False),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("about", sa.Text, nullable=True),
    sa.Column("is_paused", sa.Boolean, nullable=False),
    sa.Column("joined_at", Moment, nullable=False),
    sa.Index("peers_by_partner", "partner_id"),
)

# What supervision said last of each peer; no row means never cleared.
clearances = sa.Table(
    "clearances",
    metadata,
    sa.Column("peer_id", Id, primary_key=True),
    sa.Column("is_cleared", sa.Boolean, nullable=False),
    sa.Column("since", Moment, nullable=False),
)

# One row per accepted referral; `received_at` is the day the wait began and never changes.
waits = sa.Table(
    "waits",
    metadata,
    sa.Column("referral_id", Id, primary_key=True),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("called", sa.Text, nullable=False),
    sa.Column("needs", sa.Text, nullable=False),
    sa.Column("safety", sa.Text, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("accepted_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Index("waits_by_state", "state", "received_at"),
    sa.Index("waits_by_person", "person_id"),
)

# `snapshot` is sealed for the person: the rules' version, the numbers and the points of the day it was proposed.
matches = sa.Table(
    "matches",
    metadata,
    sa.Column("match_id", Id, primary_key=True),
    sa.Column("referral_id", Id, sa.ForeignKey("waits.referral_id"), nullable=False),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("proposed_at", Moment, nullable=False),
    sa.Column("proposed_by", Id, nullable=False),
    sa.Column("answer_by", Moment, nullable=False),
    sa.Column("asked_about", sa.JSON, nullable=False),
    sa.Column("snapshot", sa.Text, nullable=False),
    sa.Column("chosen_peer_id", Id, nullable=True),
    sa.Column("taster_held_at", Moment, nullable=True),
    sa.Column("person_says", sa.Boolean, nullable=True),
    sa.Column("peer_says", sa.Boolean, nullable=True),
    sa.Column("agreed_at", Moment, nullable=True),
    sa.Column("ended_at", Moment, nullable=True),
    sa.Column("code", sa.Text, nullable=True),
    sa.Index("matches_by_referral", "referral_id", "proposed_at"),
    sa.Index("matches_by_person", "person_id", "proposed_at"),
    sa.Index("matches_by_state", "state", "proposed_at"),
)

options = sa.Table(
    "options",
    metadata,
    sa.Column("match_id", Id, sa.ForeignKey("matches.match_id"), primary_key=True),
    sa.Column("peer_id", Id, sa.ForeignKey("peers.peer_id"), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("answered_at", Moment, nullable=True),
    sa.Column("how", sa.Text, nullable=True),
    sa.Column("hold_until", Moment, nullable=True),
    sa.Column("code", sa.Text, nullable=True),
    sa.Index("options_by_peer", "peer_id", "state"),
)

# What other rooms said and nothing here changes; all else is this room's own to decide.
PROJECTIONS = tuple(Projection(table) for table in (accounts, partners, clearances))
