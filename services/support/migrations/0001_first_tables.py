"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import chassis.columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "peers",
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("peer_id"),
    )
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "supports",
        sa.Column("support_id", sa.String(length=36), nullable=False),
        sa.Column("match_id", sa.String(length=36), nullable=False),
        sa.Column("referral_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("agreed_at", chassis.columns.Moment(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("midpoint_on", sa.Date(), nullable=True),
        sa.Column("agreed_end_on", sa.Date(), nullable=True),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("paused_by", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("agreed_by", sa.Text(), nullable=True),
        sa.Column("wants_return", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("support_id"),
        sa.UniqueConstraint("match_id"),
    )
    op.create_index("supports_by_peer", "supports", ["peer_id", "state"], unique=False)
    op.create_index("supports_by_person", "supports", ["person_id", "agreed_at"], unique=False)
    op.create_index("supports_by_referral", "supports", ["referral_id"], unique=False)
    op.create_index("supports_by_state", "supports", ["state", "agreed_at"], unique=False)
    op.create_table(
        "connections",
        sa.Column("connection_id", sa.String(length=36), nullable=False),
        sa.Column("support_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("added_at", chassis.columns.Moment(), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["support_id"],
            ["supports.support_id"],
        ),
        sa.PrimaryKeyConstraint("connection_id"),
    )
    op.create_index("connections_by_support", "connections", ["support_id", "added_at"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("support_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", chassis.columns.Moment(), nullable=False),
        sa.Column("written_by", sa.String(length=36), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["support_id"],
            ["supports.support_id"],
        ),
        sa.PrimaryKeyConstraint("contact_id"),
    )
    op.create_index("contacts_by_support", "contacts", ["support_id", "held_on"], unique=False)
    op.create_table(
        "meetings",
        sa.Column("meeting_id", sa.String(length=36), nullable=False),
        sa.Column("support_id", sa.String(length=36), nullable=False),
        sa.Column("starts_at", chassis.columns.Moment(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["support_id"],
            ["supports.support_id"],
        ),
        sa.PrimaryKeyConstraint("meeting_id"),
    )
    op.create_index("meetings_by_support", "meetings", ["support_id", "starts_at"], unique=False)


def downgrade() -> None:
    op.drop_index("meetings_by_support", table_name="meetings")
    op.drop_table("meetings")
    op.drop_index("contacts_by_support", table_name="contacts")
    op.drop_table("contacts")
    op.drop_index("connections_by_support", table_name="connections")
    op.drop_table("connections")
    op.drop_index("supports_by_state", table_name="supports")
    op.drop_index("supports_by_referral", table_name="supports")
    op.drop_index("supports_by_person", table_name="supports")
    op.drop_index("supports_by_peer", table_name="supports")
    op.drop_table("supports")
    op.drop_table("people")
    op.drop_table("peers")
