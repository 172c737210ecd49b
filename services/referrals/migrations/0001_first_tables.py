"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import chassis.columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account_marks",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("surname_mark", sa.Text(), nullable=True),
        sa.Column("postcode_mark", sa.Text(), nullable=True),
        sa.Column("whole_mark", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index("account_marks_by_partner", "account_marks", ["partner_id", "whole_mark"], unique=False)
    op.create_table(
        "equity_waiting",
        sa.Column("reporting_id", sa.String(length=36), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("reporting_id"),
    )
    op.create_table(
        "glasses",
        sa.Column("glass_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("by_partner_id", sa.Text(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("broken_at", chassis.columns.Moment(), nullable=False),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.Column("ended_at", chassis.columns.Moment(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("seen_to_at", chassis.columns.Moment(), nullable=True),
        sa.Column("seen_to_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("glass_id"),
    )
    op.create_index("glasses_by_state", "glasses", ["state", "broken_at"], unique=False)
    op.create_index("glasses_of_one", "glasses", ["account_id", "person_id", "ends_at"], unique=False)
    op.create_table(
        "looks",
        sa.Column("look_id", sa.String(length=36), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("seen_at", chassis.columns.Moment(), nullable=False),
        sa.Column("last_seen_at", chassis.columns.Moment(), nullable=False),
        sa.Column("flagged_at", chassis.columns.Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_at", chassis.columns.Moment(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("look_id"),
    )
    op.create_index("looks_by_state", "looks", ["state", "flagged_at"], unique=False)
    op.create_index("looks_of_one", "looks", ["account_id", "person_id", "pattern"], unique=False)
    op.create_table(
        "outbound",
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("stated_at", chassis.columns.Moment(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id", "number"),
    )
    op.create_table(
        "outbound_ends",
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id"),
    )
    op.create_table(
        "outbound_sent",
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id"),
    )
    op.create_table(
        "partners",
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id"),
    )
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("consent_id", sa.String(length=36), nullable=False),
        sa.Column("consent_state", sa.Text(), nullable=False),
        sa.Column("consent", sa.JSON(), nullable=False),
        sa.Column("reporting_id", sa.Text(), nullable=False),
        sa.Column("is_protected", sa.Boolean(), nullable=False),
        sa.Column("word_chosen_at", chassis.columns.Moment(), nullable=True),
        sa.Column("surname_mark", sa.Text(), nullable=True),
        sa.Column("postcode_mark", sa.Text(), nullable=True),
        sa.Column("whole_mark", sa.Text(), nullable=True),
        sa.Column("nhs_mark", sa.Text(), nullable=True),
        sa.Column("phone_mark", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index("people_by_nhs_mark", "people", ["nhs_mark"], unique=False)
    op.create_index("people_by_phone_mark", "people", ["phone_mark"], unique=False)
    op.create_index("people_by_place_marks", "people", ["postcode_mark", "surname_mark"], unique=False)
    op.create_table(
        "published_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kid", sa.String(length=36), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("private", sa.Text(), nullable=False),
        sa.Column("made_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("kid"),
    )
    op.create_table(
        "supervised",
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("supervisor_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("peer_id"),
    )
    op.create_table(
        "walking",
        sa.Column("match_id", sa.String(length=36), nullable=False),
        sa.Column("peer_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("match_id", "peer_id"),
    )
    op.create_index("walking_by_person", "walking", ["person_id", "peer_id"], unique=False)
    op.create_table(
        "watched",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "worries_about",
        sa.Column("worry_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("worry_id"),
    )
    op.create_index("worries_about_by_person", "worries_about", ["person_id"], unique=False)
    op.create_table(
        "worry_owners",
        sa.Column("worry_id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("worry_id"),
    )
    op.create_table(
        "links",
        sa.Column("link_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("minted_at", chassis.columns.Moment(), nullable=False),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.Column("revoked_at", chassis.columns.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.person_id"],
        ),
        sa.PrimaryKeyConstraint("link_id"),
    )
    op.create_index("links_of_person", "links", ["person_id", "revoked_at"], unique=False)
    op.create_table(
        "referrals",
        sa.Column("referral_id", sa.String(length=36), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("sender_id", sa.String(length=36), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", chassis.columns.Moment(), nullable=False),
        sa.Column("reply_due_at", chassis.columns.Moment(), nullable=True),
        sa.Column("decision_due_at", chassis.columns.Moment(), nullable=True),
        sa.Column("acknowledged_at", chassis.columns.Moment(), nullable=True),
        sa.Column("accepted_at", chassis.columns.Moment(), nullable=True),
        sa.Column("holder_id", sa.String(length=36), nullable=True),
        sa.Column("ended_at", chassis.columns.Moment(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("incomplete", sa.JSON(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("safety", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("raw_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.person_id"],
        ),
        sa.PrimaryKeyConstraint("referral_id"),
    )
    op.create_index("referrals_by_holder", "referrals", ["holder_id"], unique=False)
    op.create_index("referrals_by_partner", "referrals", ["partner_id", "received_at"], unique=False)
    op.create_index("referrals_by_person", "referrals", ["person_id"], unique=False)
    op.create_index("referrals_by_state", "referrals", ["state", "reply_due_at"], unique=False)


def downgrade() -> None:
    op.drop_index("referrals_by_state", table_name="referrals")
    op.drop_index("referrals_by_person", table_name="referrals")
    op.drop_index("referrals_by_partner", table_name="referrals")
    op.drop_index("referrals_by_holder", table_name="referrals")
    op.drop_table("referrals")
    op.drop_index("links_of_person", table_name="links")
    op.drop_table("links")
    op.drop_table("worry_owners")
    op.drop_index("worries_about_by_person", table_name="worries_about")
    op.drop_table("worries_about")
    op.drop_table("watched")
    op.drop_index("walking_by_person", table_name="walking")
    op.drop_table("walking")
    op.drop_table("supervised")
    op.drop_table("published_keys")
    op.drop_index("people_by_place_marks", table_name="people")
    op.drop_index("people_by_phone_mark", table_name="people")
    op.drop_index("people_by_nhs_mark", table_name="people")
    op.drop_table("people")
    op.drop_table("partners")
    op.drop_table("outbound_sent")
    op.drop_table("outbound_ends")
    op.drop_table("outbound")
    op.drop_index("looks_of_one", table_name="looks")
    op.drop_index("looks_by_state", table_name="looks")
    op.drop_table("looks")
    op.drop_index("glasses_of_one", table_name="glasses")
    op.drop_index("glasses_by_state", table_name="glasses")
    op.drop_table("glasses")
    op.drop_table("equity_waiting")
    op.drop_index("account_marks_by_partner", table_name="account_marks")
    op.drop_table("account_marks")
