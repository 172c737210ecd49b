"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import chassis.columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "acceptances",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "concerns",
        sa.Column("concern_id", sa.String(length=36), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("about_id", sa.String(length=36), nullable=True),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("raised_by_id", sa.String(length=36), nullable=False),
        sa.Column("raised_at", chassis.columns.Moment(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("acknowledge_by", chassis.columns.Moment(), nullable=False),
        sa.Column("acknowledged_at", chassis.columns.Moment(), nullable=True),
        sa.Column("closed_at", chassis.columns.Moment(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("concern_id"),
    )
    op.create_index("concerns_by_owner", "concerns", ["owner_id", "state", "acknowledge_by"], unique=False)
    op.create_index("concerns_by_raiser", "concerns", ["raised_by_id"], unique=False)
    op.create_table(
        "conducts",
        sa.Column("conduct_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("conduct_id"),
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
        sa.Column("supervisor_id", sa.String(length=36), nullable=True),
        sa.Column("joined_at", chassis.columns.Moment(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("conduct_accepted_on", sa.Date(), nullable=True),
        sa.Column("check_valid_until", sa.Date(), nullable=True),
        sa.Column("training_valid_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("peer_id"),
    )
    op.create_index("peers_by_standing", "peers", ["standing"], unique=False)
    op.create_index("peers_by_supervisor", "peers", ["supervisor_id"], unique=False)
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "supports",
        sa.Column("support_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("support_id"),
    )
    op.create_index("supports_by_peer", "supports", ["peer_id"], unique=False)
    op.create_index("supports_by_person", "supports", ["person_id"], unique=False)
    op.create_table(
        "account_roles",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.account_id"],
        ),
        sa.PrimaryKeyConstraint("account_id", "role"),
    )
    op.create_index("account_roles_by_role", "account_roles", ["role"], unique=False)
    op.create_table(
        "dues",
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", chassis.columns.Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["peer_id"],
            ["peers.peer_id"],
        ),
        sa.PrimaryKeyConstraint("peer_id", "kind", "number"),
    )
    op.create_index("dues_by_state", "dues", ["state", "due_at"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("supervisor_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", chassis.columns.Moment(), nullable=False),
        sa.Column("starts_at", chassis.columns.Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("supervisor_confirmed_at", chassis.columns.Moment(), nullable=True),
        sa.Column("peer_confirmed_at", chassis.columns.Moment(), nullable=True),
        sa.Column("settled_at", chassis.columns.Moment(), nullable=True),
        sa.Column("missed_by", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["peer_id"],
            ["peers.peer_id"],
        ),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("sessions_by_peer", "sessions", ["peer_id", "state", "starts_at"], unique=False)
    op.create_index("sessions_by_supervisor", "sessions", ["supervisor_id", "state"], unique=False)


def downgrade() -> None:
    op.drop_index("sessions_by_supervisor", table_name="sessions")
    op.drop_index("sessions_by_peer", table_name="sessions")
    op.drop_table("sessions")
    op.drop_index("dues_by_state", table_name="dues")
    op.drop_table("dues")
    op.drop_index("account_roles_by_role", table_name="account_roles")
    op.drop_table("account_roles")
    op.drop_index("supports_by_person", table_name="supports")
    op.drop_index("supports_by_peer", table_name="supports")
    op.drop_table("supports")
    op.drop_table("people")
    op.drop_index("peers_by_supervisor", table_name="peers")
    op.drop_index("peers_by_standing", table_name="peers")
    op.drop_table("peers")
    op.drop_table("partners")
    op.drop_table("conducts")
    op.drop_index("concerns_by_raiser", table_name="concerns")
    op.drop_index("concerns_by_owner", table_name="concerns")
    op.drop_table("concerns")
    op.drop_table("accounts")
    op.drop_table("acceptances")
