"""The support tables."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.columns import Id, Moment
from chassis.events.projections import Projection
from chassis.tables import kept_from

metadata = sa.MetaData()

# What people and peers want to be called, sealed, as other rooms said.
people = sa.Table(
    "people",
    metadata,
    sa.Column("person_id", Id, primary_key=True),
    sa.Column("called", sa.Text, nullable=False),
)

peers = sa.Table(
    "peers",
    metadata,
    sa.Column("peer_id", Id, primary_key=True),
    sa.Column("called", sa.Text, nullable=False),
)

# `partner_id` is the peer's partner.
supports = sa.Table(
    "supports",
    metadata,
    sa.Column("support_id", Id, primary_key=True),
    sa.Column("match_id", Id, nullable=False, unique=True),
    sa.Column("referral_id", Id, nullable=False),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("peer_id", Id, nullable=False),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("agreed_at", Moment, nullable=False),
    sa.Column("started_on", sa.Date, nullable=True),
    sa.Column("midpoint_on", sa.Date, nullable=True),
    sa.Column("agreed_end_on", sa.Date, nullable=True),
    sa.Column("paused_on", sa.Date, nullable=True),
    sa.Column("paused_by", sa.Text, nullable=True),
    sa.Column("ended_on", sa.Date, nullable=True),
    sa.Column("ending", sa.Text, nullable=True),
    sa.Column("agreed_by", sa.Text, nullable=True),
    sa.Column("wants_return", sa.Boolean, nullable=True),
    sa.Index("supports_by_person", "person_id", "agreed_at"),
    sa.Index("supports_by_peer", "peer_id", "state"),
    sa.Index("supports_by_state", "state", "agreed_at"),
    sa.Index("supports_by_referral", "referral_id"),
)

meetings = sa.Table(
    "meetings",
    metadata,
    sa.Column("meeting_id", Id, primary_key=True),
    sa.Column("support_id", Id, sa.ForeignKey("supports.support_id"), nullable=False),
    sa.Column("starts_at", Moment, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("contact_id", Id, nullable=True),
    sa.Index("meetings_by_support", "support_id", "starts_at"),
)

# `note` is sealed, and only whoever wrote it reads it here.
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("contact_id", Id, primary_key=True),
    sa.Column("support_id", Id, sa.ForeignKey("supports.support_id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("held_on", sa.Date, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("written_by", Id, nullable=False),
    sa.Column("note", sa.Text, nullable=True),
    sa.Index("contacts_by_support", "support_id", "held_on"),
)

# `what` is sealed: the words of the person or their peer.
connections = sa.Table(
    "connections",
    metadata,
    sa.Column("connection_id", Id, primary_key=True),
    sa.Column("support_id", Id, sa.ForeignKey("supports.support_id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("moved_on", sa.Date, nullable=False),
    sa.Index("connections_by_support", "support_id", "added_at"),
)

# What other rooms said and nothing here changes; all else is this room's own to decide.
PROJECTIONS = tuple(Projection(table) for table in (people, peers, kept_from))
