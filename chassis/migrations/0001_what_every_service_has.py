"""What every service has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import chassis.columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("door", "asker", "key"),
    )
    op.create_table(
        "asked_of",
        sa.Column("asking_id", sa.String(length=36), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("open_for", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("asking_id", "stream", "number"),
        sa.UniqueConstraint("open_for"),
    )
    op.create_index("asked_of_by_place", "asked_of", ["stream", "number"], unique=False)
    op.create_table(
        "askings",
        sa.Column("asking_id", sa.String(length=36), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("fences", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_from", sa.Text(), nullable=False),
        sa.Column("asked_at", chassis.columns.Moment(), nullable=False),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", chassis.columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("asking_id"),
    )
    op.create_index("askings_by_state", "askings", ["consumer", "state", "asked_at"], unique=False)
    op.create_table(
        "audit",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", chassis.columns.Moment(), nullable=False),
        sa.Column("who_kind", sa.Text(), nullable=False),
        sa.Column("who_id", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "audit_by_place",
        "audit",
        ["place"],
        unique=True,
        sqlite_where=sa.text("place IS NOT NULL"),
        postgresql_where=sa.text("place IS NOT NULL"),
    )
    op.create_index(
        "audit_by_subject",
        "audit",
        ["subject", "sequence"],
        unique=False,
        sqlite_where=sa.text("place IS NOT NULL"),
        postgresql_where=sa.text("place IS NOT NULL"),
    )
    op.create_index(
        "audit_to_seal",
        "audit",
        ["sequence"],
        unique=False,
        sqlite_where=sa.text("place IS NULL"),
        postgresql_where=sa.text("place IS NULL"),
    )
    op.create_table(
        "audit_heads",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", chassis.columns.Moment(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("filed_at", chassis.columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "brakes",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=36), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("since", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject"),
    )
    op.create_table(
        "buckets",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("bucket"),
    )
    op.create_table(
        "caught_up",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "topic", "partition"),
    )
    op.create_table(
        "clocks",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", chassis.columns.Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "number"),
    )
    op.create_index("clocks_due", "clocks", ["kind", "state", "due_at"], unique=False)
    op.create_table(
        "facts",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fact_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("stated_at", chassis.columns.Moment(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "number"),
        sa.UniqueConstraint("fact_id"),
    )
    op.create_table(
        "given_up",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("fences", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("asking_id", sa.String(length=36), nullable=False),
        sa.Column("at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "stream", "number", "fact_id"),
    )
    op.create_index("given_up_by_subject", "given_up", ["subject"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "stream"),
    )
    op.create_table(
        "kept_from",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "account_id"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("staged_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("stream", "number", name="outbox_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_by_bucket", "outbox", ["bucket", "id"], unique=False)
    op.create_table(
        "parked",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("fences", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("since", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "stream"),
    )
    op.create_index("parked_by_subject", "parked", ["subject"], unique=False)
    op.create_table(
        "pass_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("heard_at", chassis.columns.Moment(), nullable=False),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "positions",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Text(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("last_stated_at", chassis.columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("consumer", "topic", "partition"),
    )
    op.create_table(
        "read_back",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("stated_at", chassis.columns.Moment(), nullable=False),
        sa.Column("is_clash", sa.Boolean(), nullable=False),
        sa.Column("found_at", chassis.columns.Moment(), nullable=False),
        sa.Column("settled_at", chassis.columns.Moment(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("stream", "number", "fact_id"),
    )
    op.create_index("read_back_open", "read_back", ["settled_at"], unique=False)
    op.create_table(
        "second_askings",
        sa.Column("asking_id", sa.String(length=36), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("about_id", sa.String(length=36), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=36), nullable=False),
        sa.Column("asked_at", chassis.columns.Moment(), nullable=False),
        sa.Column("ends_at", chassis.columns.Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.String(length=36), nullable=True),
        sa.Column("settled_at", chassis.columns.Moment(), nullable=True),
        sa.Column("open_for", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("asking_id"),
        sa.UniqueConstraint("partner_id", "open_for"),
    )
    op.create_index("second_askings_by_end", "second_askings", ["state", "ends_at"], unique=False)
    op.create_table(
        "sent",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Text(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
    )
    op.create_table(
        "shown_lately",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("hour", chassis.columns.Moment(), nullable=False),
        sa.Column("lists", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("refused_at", chassis.columns.Moment(), nullable=True),
        sa.Column("refused_roles", sa.Text(), nullable=False),
        sa.Column("refused_partner", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "streams",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream"),
    )
    op.create_table(
        "unreadable",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("since", chassis.columns.Moment(), nullable=False),
        sa.Column("asking_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("consumer", "topic", "partition", "place"),
    )
    op.create_table(
        "waiting",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("needs_stream", sa.Text(), nullable=True),
        sa.Column("needs_number", sa.BigInteger(), nullable=True),
        sa.Column("since", chassis.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "stream", "number"),
    )
    op.create_index("waiting_on", "waiting", ["consumer", "needs_stream", "needs_number"], unique=False)
    op.create_index("waiting_since", "waiting", ["consumer", "since"], unique=False)
    op.bulk_insert(sa.table("buckets", sa.column("bucket", sa.SmallInteger)), [{"bucket": n} for n in range(16)])


def downgrade() -> None:
    op.drop_index("waiting_since", table_name="waiting")
    op.drop_index("waiting_on", table_name="waiting")
    op.drop_table("waiting")
    op.drop_table("unreadable")
    op.drop_table("streams")
    op.drop_table("shown_lately")
    op.drop_table("sent")
    op.drop_index("second_askings_by_end", table_name="second_askings")
    op.drop_table("second_askings")
    op.drop_index("read_back_open", table_name="read_back")
    op.drop_table("read_back")
    op.drop_table("positions")
    op.drop_table("pass_keys")
    op.drop_index("parked_by_subject", table_name="parked")
    op.drop_table("parked")
    op.drop_index("outbox_by_bucket", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("kept_from")
    op.drop_table("inbox")
    op.drop_index("given_up_by_subject", table_name="given_up")
    op.drop_table("given_up")
    op.drop_table("facts")
    op.drop_index("clocks_due", table_name="clocks")
    op.drop_table("clocks")
    op.drop_table("caught_up")
    op.drop_table("buckets")
    op.drop_table("brakes")
    op.drop_table("audit_heads")
    op.drop_index(
        "audit_to_seal",
        table_name="audit",
        sqlite_where=sa.text("place IS NULL"),
        postgresql_where=sa.text("place IS NULL"),
    )
    op.drop_index(
        "audit_by_subject",
        table_name="audit",
        sqlite_where=sa.text("place IS NOT NULL"),
        postgresql_where=sa.text("place IS NOT NULL"),
    )
    op.drop_index(
        "audit_by_place",
        table_name="audit",
        sqlite_where=sa.text("place IS NOT NULL"),
        postgresql_where=sa.text("place IS NOT NULL"),
    )
    op.drop_table("audit")
    op.drop_index("askings_by_state", table_name="askings")
    op.drop_table("askings")
    op.drop_index("asked_of_by_place", table_name="asked_of")
    op.drop_table("asked_of")
    op.drop_table("answers")
