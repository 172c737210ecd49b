"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import chassis.columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "counts",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("type"),
    )
    op.create_table(
        "dues",
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("supervisor_id", sa.String(length=36), nullable=True),
        sa.Column("due_at", chassis.columns.Moment(), nullable=False),
        sa.Column("said_at", chassis.columns.Moment(), nullable=False),
        sa.Column("is_met", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("peer_id", "kind"),
    )
    op.create_table(
        "journeys",
        sa.Column("referral_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("received_at", chassis.columns.Moment(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("referral_id"),
    )
    op.create_index("journeys_by_person", "journeys", ["person_id"], unique=False)
    op.create_index("journeys_by_stage", "journeys", ["stage", "received_at"], unique=False)
    op.create_table(
        "kept_heads",
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("published_at", chassis.columns.Moment(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("room", "published_at"),
    )
    op.create_table(
        "names",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("since", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("names_by_kind", "names", ["kind", "since"], unique=False)
    op.create_table(
        "partners",
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id"),
    )
    op.create_table(
        "records_seen",
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("seen_at", chassis.columns.Moment(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "seen_at", "roles", "partner_id", "purpose"),
    )
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", chassis.columns.Moment(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("sessions_by_peer", "sessions", ["peer_id", "kind"], unique=False)
    op.create_table(
        "threads",
        sa.Column("thing_id", sa.String(length=36), nullable=False),
        sa.Column("referral_id", sa.String(length=36), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("thing_id"),
    )
    op.create_index("threads_by_referral", "threads", ["referral_id"], unique=False)
    op.create_table(
        "timeline",
        sa.Column("heard", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("fact_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("happened_at", chassis.columns.Moment(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("referral_id", sa.String(length=36), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("heard"),
        sa.UniqueConstraint("fact_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("timeline_by_person", "timeline", ["person_id"], unique=False)
    op.create_index("timeline_by_referral", "timeline", ["referral_id"], unique=False)
    op.create_table(
        "work",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("who_id", sa.String(length=36), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("partner_id", sa.String(length=36), nullable=True),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("about_id", sa.String(length=36), nullable=True),
        sa.Column("due_at", chassis.columns.Moment(), nullable=True),
        sa.Column("from_at", chassis.columns.Moment(), nullable=True),
        sa.Column("since", chassis.columns.Moment(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("work_by_role", "work", ["role", "is_open"], unique=False)
    op.create_index("work_by_thing", "work", ["thing", "kind"], unique=False)
    op.create_index("work_by_who", "work", ["who_id", "is_open"], unique=False)


def downgrade() -> None:
    op.drop_index("work_by_who", table_name="work")
    op.drop_index("work_by_thing", table_name="work")
    op.drop_index("work_by_role", table_name="work")
    op.drop_table("work")
    op.drop_index("timeline_by_referral", table_name="timeline")
    op.drop_index("timeline_by_person", table_name="timeline")
    op.drop_table("timeline")
    op.drop_index("threads_by_referral", table_name="threads")
    op.drop_table("threads")
    op.drop_index("sessions_by_peer", table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("records_seen")
    op.drop_table("partners")
    op.drop_index("names_by_kind", table_name="names")
    op.drop_table("names")
    op.drop_table("kept_heads")
    op.drop_index("journeys_by_stage", table_name="journeys")
    op.drop_index("journeys_by_person", table_name="journeys")
    op.drop_table("journeys")
    op.drop_table("dues")
    op.drop_table("counts")
