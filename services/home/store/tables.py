"""The home tables: all of it was heard, and can be heard again."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from chassis.columns import Id, Moment, Serial
from chassis.events.projections import Projection
from chassis.tables import kept_from

metadata = sa.MetaData()

# What each human being wants to be called, sealed; `kind` is account or person.
names = sa.Table(
    "names",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("called", sa.Text, nullable=False),
    sa.Column("partner_id", Id, nullable=True),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.Index("names_by_kind", "kind", "since"),
)

partners = sa.Table(
    "partners",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
)

# One row per referral; `stage` follows from `step` and the open threads.
journeys = sa.Table(
    "journeys",
    metadata,
    sa.Column("referral_id", Id, primary_key=True),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Index("journeys_by_person", "person_id"),
    sa.Index("journeys_by_stage", "stage", "received_at"),
)

# A match or a support of a referral.
threads = sa.Table(
    "threads",
    metadata,
    sa.Column("thing_id", Id, primary_key=True),
    sa.Column("referral_id", Id, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Index("threads_by_referral", "referral_id"),
)

# What a peer is owed of one kind of supervision, as said last; met when it was held.
dues = sa.Table(
    "dues",
    metadata,
    sa.Column("peer_id", Id, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("supervisor_id", Id, nullable=True),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("said_at", Moment, nullable=False),
    sa.Column("is_met", sa.Boolean, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("session_id", Id, primary_key=True),
    sa.Column("peer_id", Id, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Index("sessions_by_peer", "peer_id", "kind"),
)

# One row per fact of a referral, or of a person's consent; the fact's own id is unique: heard again it adds nothing.
timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("heard", Serial, primary_key=True, autoincrement=True),
    sa.Column("fact_id", Id, nullable=False, unique=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("happened_at", Moment, nullable=False),
    sa.Column("person_id", Id, nullable=True),
    sa.Column("referral_id", Id, nullable=True),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Index("timeline_by_referral", "referral_id"),
    sa.Index("timeline_by_person", "person_id"),
    sqlite_autoincrement=True,
)

# How many of each kind of fact were heard, and when the newest was stated.
counts = sa.Table(
    "counts",
    metadata,
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
)

# What there is to do, for one human being (`who_id`) or for whoever has a role, everywhere or at one partner.
# `thing` is what it is about and goes into its link; a row closed ahead stays closed.
work = sa.Table(
    "work",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("thing", sa.Text, nullable=False),
    sa.Column("who_id", Id, nullable=True),
    sa.Column("role", sa.Text, nullable=True),
    sa.Column("partner_id", Id, nullable=True),
    sa.Column("person_id", Id, nullable=True),
    sa.Column("about_id", Id, nullable=True),
    sa.Column("due_at", Moment, nullable=True),
    sa.Column("from_at", Moment, nullable=True),
    sa.Column("since", Moment, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Index("work_by_who", "who_id", "is_open"),
    sa.Index("work_by_role", "role", "is_open"),
    sa.Index("work_by_thing", "thing", "kind"),
)

OVER_ALL: Mapping[tuple[str, tuple[str, ...]], str] = {
    ("work", ("key",)): "a piece of work is named by ids the house drew; facts alone make one",
    ("records_seen", ("subject_id", "seen_at", "roles", "partner_id", "purpose")): (
        "begins with an id the house drew and names its partner; facts alone make one, and a repeat is let go by"
    ),
}
# Whose record was seen, by which roles of which partner, for what, to the minute: the key is all there is, so that it
# is the same in whatever order it is heard. Who that was by name is nowhere.
records_seen = sa.Table(
    "records_seen",
    metadata,
    sa.Column("subject_id", Id, primary_key=True),
    sa.Column("seen_at", Moment, primary_key=True),
    sa.Column("roles", sa.Text, primary_key=True),
    sa.Column("partner_id", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, primary_key=True),
)

# How far the audit trail of each room went when it said so: kept here, where whoever alters that room's cannot reach.
kept_heads = sa.Table(
    "kept_heads",
    metadata,
    sa.Column("room", sa.Text, primary_key=True),
    sa.Column("published_at", Moment, primary_key=True),
    sa.Column("place", sa.BigInteger, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("public_key", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
)

PROJECTIONS = tuple(
    Projection(table, arrival=("heard",) if table is timeline else ()) for table in (*metadata.sorted_tables, kept_from)
)
