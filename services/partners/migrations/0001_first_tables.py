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
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("accepted_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "version"),
    )
    op.create_table(
        "begun",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=36), nullable=False),
        sa.Column("going_to", sa.Text(), nullable=False),
        sa.Column("invitation", sa.Text(), nullable=True),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("begun_from", "begun", ["address", "ends_at"], unique=False)
    op.create_table(
        "conducts",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("conduct_id", sa.String(length=36), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=False),
        sa.Column("published_by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        sa.UniqueConstraint("conduct_id"),
    )
    op.create_table(
        "failed_tries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("failed_tries_of", "failed_tries", ["of", "at"], unique=False)
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("linked_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject"),
        sa.UniqueConstraint("issuer", "account_id"),
    )
    op.create_table(
        "in_hand",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("kind", "thing_id"),
    )
    op.create_index("in_hand_by_owner", "in_hand", ["owner_id"], unique=False)
    op.create_table(
        "link_words",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_table(
        "links",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("link_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.Column("is_revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
        sa.UniqueConstraint("link_id"),
    )
    op.create_index("links_of_person", "links", ["person_id"], unique=False)
    op.create_table(
        "logout_tokens",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=True),
        sa.Column("recipient_id", sa.String(length=36), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_at", chassis.columns.Moment(), nullable=False),
        sa.Column("asked_at", chassis.columns.Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("tried", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("changed_at", chassis.columns.Moment(), nullable=False),
        sa.Column("settled_how", sa.Text(), nullable=True),
        sa.Column("settled_at", chassis.columns.Moment(), nullable=True),
        sa.Column("settled_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("notice_id"),
    )
    op.create_index("notices_by_state", "notices", ["state", "settled_at", "changed_at"], unique=False)
    op.create_table(
        "once_only",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("made_at", chassis.columns.Moment(), nullable=False),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.Column("used_at", chassis.columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("once_only_by_account", "once_only", ["account_id", "purpose"], unique=False)
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
        sa.Column("lapsed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("partner_id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("ods_code"),
    )
    op.create_table(
        "passwords",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("set_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "reaches",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.Integer(), nullable=False),
        sa.Column("is_discreet", sa.Boolean(), nullable=False),
        sa.Column("changed_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("used_at", chassis.columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "hash"),
    )
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("next_secret", sa.Text(), nullable=True),
        sa.Column("confirmed_at", chassis.columns.Moment(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=True),
        sa.Column("provider_sid", sa.Text(), nullable=True),
        sa.Column("link_id", sa.String(length=36), nullable=True),
        sa.Column("only", sa.Text(), nullable=True),
        sa.Column("began_at", chassis.columns.Moment(), nullable=False),
        sa.Column("seen_at", chassis.columns.Moment(), nullable=False),
        sa.Column("ended_at", chassis.columns.Moment(), nullable=True),
        sa.Column("why_ended", sa.Text(), nullable=True),
        sa.Column("signalled_at", chassis.columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("hash"),
        sa.UniqueConstraint("handle"),
    )
    op.create_index("sessions_at_provider", "sessions", ["provider_sid"], unique=False)
    op.create_index("sessions_by_link", "sessions", ["link_id"], unique=False)
    op.create_index("sessions_of", "sessions", ["who_id", "ended_at"], unique=False)
    op.create_index("sessions_to_signal", "sessions", ["signalled_at", "ended_at"], unique=False)
    op.create_table(
        "signing_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("private", sa.Text(), nullable=False),
        sa.Column("made_at", chassis.columns.Moment(), nullable=False),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "used_numbers",
        sa.Column("system_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("until", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("system_id", "number"),
    )
    op.create_index("used_numbers_until", "used_numbers", ["until"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("passes_from", sa.Integer(), nullable=False),
        sa.Column("opened_at", chassis.columns.Moment(), nullable=False),
        sa.Column("opened_by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.partner_id"],
        ),
        sa.PrimaryKeyConstraint("account_id"),
        sa.UniqueConstraint("login"),
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
    op.create_table(
        "setups",
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("answered_at", chassis.columns.Moment(), nullable=False),
        sa.Column("answered_by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.partner_id"],
        ),
        sa.PrimaryKeyConstraint("partner_id", "number"),
    )
    op.create_table(
        "systems",
        sa.Column("system_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=True),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("passes_from", sa.Integer(), nullable=False),
        sa.Column("registered_at", chassis.columns.Moment(), nullable=False),
        sa.Column("registered_by", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners.partner_id"],
        ),
        sa.PrimaryKeyConstraint("system_id"),
    )
    op.create_index("systems_by_partner", "systems", ["partner_id", "registered_at"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("system_id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("made_at", chassis.columns.Moment(), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.Column("revoked_at", chassis.columns.Moment(), nullable=True),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["system_id"],
            ["systems.system_id"],
        ),
        sa.PrimaryKeyConstraint("prefix"),
    )
    op.create_index("api_keys_by_system", "api_keys", ["system_id", "made_at"], unique=False)
    op.create_table(
        "system_keys",
        sa.Column("system_id", sa.String(length=36), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("added_at", chassis.columns.Moment(), nullable=False),
        sa.Column("added_by", sa.String(length=36), nullable=False),
        sa.Column("revoked_at", chassis.columns.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["system_id"],
            ["systems.system_id"],
        ),
        sa.PrimaryKeyConstraint("system_id", "key_id"),
    )


def downgrade() -> None:
    op.drop_table("system_keys")
    op.drop_index("api_keys_by_system", table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_index("systems_by_partner", table_name="systems")
    op.drop_table("systems")
    op.drop_table("setups")
    op.drop_index("agreements_by_partner", table_name="agreements")
    op.drop_table("agreements")
    op.drop_index("accounts_by_partner", table_name="accounts")
    op.drop_table("accounts")
    op.drop_index("used_numbers_until", table_name="used_numbers")
    op.drop_table("used_numbers")
    op.drop_table("signing_keys")
    op.drop_index("sessions_to_signal", table_name="sessions")
    op.drop_index("sessions_of", table_name="sessions")
    op.drop_index("sessions_by_link", table_name="sessions")
    op.drop_index("sessions_at_provider", table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("second_factors")
    op.drop_table("recovery_codes")
    op.drop_table("reaches")
    op.drop_table("passwords")
    op.drop_table("partners")
    op.drop_index("once_only_by_account", table_name="once_only")
    op.drop_table("once_only")
    op.drop_index("notices_by_state", table_name="notices")
    op.drop_table("notices")
    op.drop_table("logout_tokens")
    op.drop_index("links_of_person", table_name="links")
    op.drop_table("links")
    op.drop_table("link_words")
    op.drop_index("in_hand_by_owner", table_name="in_hand")
    op.drop_table("in_hand")
    op.drop_table("identities")
    op.drop_index("failed_tries_of", table_name="failed_tries")
    op.drop_table("failed_tries")
    op.drop_table("conducts")
    op.drop_index("begun_from", table_name="begun")
    op.drop_table("begun")
    op.drop_table("acceptances")
