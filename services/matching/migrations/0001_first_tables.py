"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import chassis.columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "clearances",
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("is_cleared", sa.Boolean(), nullable=False),
        sa.Column("since", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("peer_id"),
    )
    op.create_table(
        "partners",
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id"),
    )
    op.create_table(
        "peers",
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("joined_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("peer_id"),
    )
    op.create_index("peers_by_partner", "peers", ["partner_id"], unique=False)
    op.create_table(
        "waits",
        sa.Column("referral_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("safety", sa.Text(), nullable=False),
        sa.Column("received_at", chassis.columns.Moment(), nullable=False),
        sa.Column("accepted_at", chassis.columns.Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("referral_id"),
    )
    op.create_index("waits_by_person", "waits", ["person_id"], unique=False)
    op.create_index("waits_by_state", "waits", ["state", "received_at"], unique=False)
    op.create_table(
        "matches",
        sa.Column("match_id", sa.String(length=36), nullable=False),
        sa.Column("referral_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_at", chassis.columns.Moment(), nullable=False),
        sa.Column("proposed_by", sa.String(length=36), nullable=False),
        sa.Column("answer_by", chassis.columns.Moment(), nullable=False),
        sa.Column("asked_about", sa.JSON(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("chosen_peer_id", sa.String(length=36), nullable=True),
        sa.Column("taster_held_at", chassis.columns.Moment(), nullable=True),
        sa.Column("person_says", sa.Boolean(), nullable=True),
        sa.Column("peer_says", sa.Boolean(), nullable=True),
        sa.Column("agreed_at", chassis.columns.Moment(), nullable=True),
        sa.Column("ended_at", chassis.columns.Moment(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["waits.referral_id"],
        ),
        sa.PrimaryKeyConstraint("match_id"),
    )
    op.create_index("matches_by_person", "matches", ["person_id", "proposed_at"], unique=False)
    op.create_index("matches_by_referral", "matches", ["referral_id", "proposed_at"], unique=False)
    op.create_index("matches_by_state", "matches", ["state", "proposed_at"], unique=False)
    op.create_table(
        "options",
        sa.Column("match_id", sa.String(length=36), nullable=False),
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answered_at", chassis.columns.Moment(), nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("hold_until", chassis.columns.Moment(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["match_id"],
            ["matches.match_id"],
        ),
        sa.ForeignKeyConstraint(
            ["peer_id"],
            ["peers.peer_id"],
        ),
        sa.PrimaryKeyConstraint("match_id", "peer_id"),
    )
    op.create_index("options_by_peer", "options", ["peer_id", "state"], unique=False)


def downgrade() -> None:
    op.drop_index("options_by_peer", table_name="options")
    op.drop_table("options")
    op.drop_index("matches_by_state", table_name="matches")
    op.drop_index("matches_by_referral", table_name="matches")
    op.drop_index("matches_by_person", table_name="matches")
    op.drop_table("matches")
    op.drop_index("waits_by_state", table_name="waits")
    op.drop_index("waits_by_person", table_name="waits")
    op.drop_table("waits")
    op.drop_index("peers_by_partner", table_name="peers")
    op.drop_table("peers")
    op.drop_table("partners")
    op.drop_table("clearances")
    op.drop_table("accounts")
