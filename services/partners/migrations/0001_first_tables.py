"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import chassis.columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "partners",
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("ods_code", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("ods_code"),
    )
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("opened_at", chassis.columns.Moment(), nullable=False),
        sa.Column("opened_by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.partner_id"],
        ),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index("accounts_by_partner", "accounts", ["partner_id", "opened_at"], unique=False)
    op.create_table(
        "agreements",
        sa.Column("agreement_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("signed_at", chassis.columns.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.partner_id"],
        ),
        sa.PrimaryKeyConstraint("agreement_id"),
    )
    op.create_index("agreements_by_partner", "agreements", ["partner_id", "signed_at"], unique=False)


def downgrade() -> None:
    op.drop_index("agreements_by_partner", table_name="agreements")
    op.drop_table("agreements")
    op.drop_index("accounts_by_partner", table_name="accounts")
    op.drop_table("accounts")
    op.drop_table("partners")
