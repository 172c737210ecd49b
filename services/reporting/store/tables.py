"""The reporting tables: what is counted, under ids that name nobody, and what may be read."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.columns import Id, Moment
from chassis.events.projections import Projection

metadata = sa.MetaData()

# ---- what is counted; nothing of these tables is ever shown ----

# One row per fact, by the fact's own id, so that a fact heard again adds nothing. On rows of somebody forgotten
# (`is_severed`) other ids stand in place of all the network knows, and the reporting id in place of the referral's.
events_counted = sa.Table(
    "events_counted",
    metadata,
    sa.Column("fact_id", Id, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("on_day", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date, nullable=True),
    sa.Column("referral_id", Id, nullable=True),
    sa.Column("match_id", Id, nullable=True),
    sa.Column("support_id", Id, nullable=True),
    sa.Column("session_id", Id, nullable=True),
    sa.Column("peer_id", Id, nullable=True),
    sa.Column("partner_id", Id, nullable=True),
    sa.Column("code", sa.Text, nullable=True),
    sa.Column("number", sa.Integer, nullable=True),
    sa.Column("returns", sa.Boolean, nullable=True),
    sa.Column("area", sa.Text, nullable=True),
    sa.Column("is_severed", sa.Boolean, nullable=False, default=False),
    sa.Index("events_counted_by_kind", "kind", "on_day"),
    sa.Index("events_counted_by_referral", "referral_id"),
)

# The facts whose rows were severed: heard again, they are counted already. Which row was whose nobody can tell.
severed = sa.Table("severed", metadata, sa.Column("fact_id", Id, primary_key=True))

# Which reporting id belongs to which referral: the only thing that ties group codes to a referral and its person.
# Whoever is forgotten is severed from it once nothing of theirs is under way any more, and the row is deleted.
pairs = sa.Table(
    "pairs",
    metadata,
    sa.Column("referral_id", Id, primary_key=True),
    sa.Column("reporting_id", Id, nullable=False),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("forgotten_at", Moment, nullable=True),
    sa.Index("pairs_by_reporting_id", "reporting_id"),
    sa.Index("pairs_by_person", "person_id"),
)

# Coarse groups, as referrals stated them without the person.
groups = sa.Table(
    "groups",
    metadata,
    sa.Column("reporting_id", Id, primary_key=True),
    sa.Column("stated_on", sa.Date, nullable=False),
    sa.Column("area", sa.Text, nullable=False),
    sa.Column("age_band", sa.Text, nullable=False),
    sa.Column("ethnicity", sa.Text, nullable=False),
    sa.Column("gender", sa.Text, nullable=False),
)

PROJECTIONS = (
    Projection(events_counted, taken_over=events_counted.c.is_severed),
    Projection(severed, taken_over=sa.true()),
    Projection(pairs, taken_over=pairs.c.forgotten_at.is_not(None)),
    Projection(groups),
)

# From how many rows an open period was last drawn, and on which day: unchanged, it need not be drawn again.
draws = sa.Table(
    "draws",
    metadata,
    sa.Column("period_id", sa.Text, primary_key=True),
    sa.Column("row_count", sa.BigInteger, nullable=False),
    sa.Column("on_day", sa.Date, nullable=False),
)

# ---- what may be read; figures in here went through the disclosure step ----

periods = sa.Table(
    "periods",
    metadata,
    sa.Column("period_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("covers_until", Moment, nullable=True),
    sa.Column("drawn_at", Moment, nullable=True),
    sa.Column("catalogue_version", sa.Integer, nullable=True),
    sa.Column("report_id", Id, nullable=True),
    sa.Column("published_at", Moment, nullable=True),
    sa.Index("periods_by_state", "state", "ends_on"),
)

figures = sa.Table(
    "figures",
    metadata,
    sa.Column("period_id", sa.Text, sa.ForeignKey("periods.period_id"), primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("area", sa.Text, primary_key=True),
    sa.Column("value", sa.Integer, nullable=True),
    sa.Column("out_of", sa.Integer, nullable=True),
    sa.Column("marker", sa.Text, nullable=True),
)
