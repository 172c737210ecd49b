"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import chassis.columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "draws",
        sa.Column("period_id", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("period_id"),
    )
    op.create_table(
        "events_counted",
        sa.Column("fact_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("referral_id", sa.String(length=36), nullable=True),
        sa.Column("match_id", sa.String(length=36), nullable=True),
        sa.Column("support_id", sa.String(length=36), nullable=True),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("peer_id", sa.String(length=36), nullable=True),
        sa.Column("partner_id", sa.String(length=36), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("returns", sa.Boolean(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("is_severed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("fact_id"),
    )
    op.create_index("events_counted_by_kind", "events_counted", ["kind", "on_day"], unique=False)
    op.create_index("events_counted_by_referral", "events_counted", ["referral_id"], unique=False)
    op.create_table(
        "groups",
        sa.Column("reporting_id", sa.String(length=36), nullable=False),
        sa.Column("stated_on", sa.Date(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("ethnicity", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reporting_id"),
    )
    op.create_table(
        "pairs",
        sa.Column("referral_id", sa.String(length=36), nullable=False),
        sa.Column("reporting_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("forgotten_at", chassis.columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("referral_id"),
    )
    op.create_index("pairs_by_person", "pairs", ["person_id"], unique=False)
    op.create_index("pairs_by_reporting_id", "pairs", ["reporting_id"], unique=False)
    op.create_table(
        "periods",
        sa.Column("period_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", chassis.columns.Moment(), nullable=False),
        sa.Column("covers_until", chassis.columns.Moment(), nullable=True),
        sa.Column("drawn_at", chassis.columns.Moment(), nullable=True),
        sa.Column("catalogue_version", sa.Integer(), nullable=True),
        sa.Column("report_id", sa.String(length=36), nullable=True),
        sa.Column("published_at", chassis.columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("period_id"),
    )
    op.create_index("periods_by_state", "periods", ["state", "ends_on"], unique=False)
    op.create_table(
        "severed", sa.Column("fact_id", sa.String(length=36), nullable=False), sa.PrimaryKeyConstraint("fact_id")
    )
    op.create_table(
        "figures",
        sa.Column("period_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("out_of", sa.Integer(), nullable=True),
        sa.Column("marker", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["periods.period_id"],
        ),
        sa.PrimaryKeyConstraint("period_id", "code", "area"),
    )


def downgrade() -> None:
    op.drop_table("figures")
    op.drop_table("severed")
    op.drop_index("periods_by_state", table_name="periods")
    op.drop_table("periods")
    op.drop_index("pairs_by_reporting_id", table_name="pairs")
    op.drop_index("pairs_by_person", table_name="pairs")
    op.drop_table("pairs")
    op.drop_table("groups")
    op.drop_index("events_counted_by_referral", table_name="events_counted")
    op.drop_index("events_counted_by_kind", table_name="events_counted")
    op.drop_table("events_counted")
    op.drop_table("draws")
