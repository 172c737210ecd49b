"""The tables every service has beside its own: facts, brakes, who is kept from whom, audit, answers, clocks."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.columns import Id, Moment, Serial

metadata = sa.MetaData()

streams = sa.Table(
    "streams",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("fact_id", Id, nullable=False, unique=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("stated_at", Moment, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("bucket", sa.SmallInteger, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("staged_at", Moment, nullable=False),
    sa.Index("outbox_by_bucket", "bucket", "id"),
    sa.UniqueConstraint("stream", "number", name="outbox_once"),
    sqlite_autoincrement=True,
)

buckets = sa.Table(
    "buckets",
    metadata,
    sa.Column("bucket", sa.SmallInteger, primary_key=True, autoincrement=False),
)

# Just after the newest fact that each partition of the service's own topic is known to keep, and which topic that was.
sent = sa.Table(
    "sent",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("topic_id", sa.Text, nullable=False),
    sa.Column("next", sa.BigInteger, nullable=False),
)

# Facts of this service that its topic held and its records did not: these are an older copy, and nobody may change
# them before a person has settled what differs (chassis/events/reading_back.py). `is_clash`: another fact of ours has
# this number here.
read_back = sa.Table(
    "read_back",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("fact_id", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("stated_at", Moment, nullable=False),
    sa.Column("is_clash", sa.Boolean, nullable=False),
    sa.Column("found_at", Moment, nullable=False),
    sa.Column("settled_at", Moment, nullable=True),
    sa.Column("settled_by", sa.Text, nullable=True),
    sa.Index("read_back_open", "settled_at"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("fact_id", sa.Text, nullable=False),
)

waiting = sa.Table(
    "waiting",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("fact_id", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("needs_stream", sa.Text, nullable=True),
    sa.Column("needs_number", sa.BigInteger, nullable=True),
    sa.Column("since", Moment, nullable=False),
    sa.Index("waiting_on", "consumer", "needs_stream", "needs_number"),
    sa.Index("waiting_since", "consumer", "since"),
)

# `fences`: nothing of the subject is shown, proposed or sent meanwhile (chassis/events/brakes.py).
parked = sa.Table(
    "parked",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("fact_id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("is_urgent", sa.Boolean, nullable=False),
    sa.Column("fences", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.Index("parked_by_subject", "subject"),
)

# Facts two people gave up: the stream went on without their effect (chassis/events/settling.py).
given_up = sa.Table(
    "given_up",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("fact_id", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("fences", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("headers", sa.Text, nullable=True),
    sa.Column("body", sa.LargeBinary, nullable=True),
    sa.Column("asking_id", Id, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("given_up_by_subject", "subject"),
)

# What one person asked to be done about what is set aside, until another confirms or refuses it.
askings = sa.Table(
    "askings",
    metadata,
    sa.Column("asking_id", Id, primary_key=True),
    sa.Column("consumer", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("fences", sa.Boolean, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_from", sa.Text, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("settled_by", sa.Text, nullable=True),
    sa.Column("settled_at", Moment, nullable=True),
    sa.Index("askings_by_state", "consumer", "state", "asked_at"),
)

# What an asking is about: facts by stream and number, or unreadable records by topic/partition and place. `open_for`
# is there while it is open, so that two askings of the same are never open at once.
asked_of = sa.Table(
    "asked_of",
    metadata,
    sa.Column("asking_id", Id, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("fact_id", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=True),
    sa.Column("open_for", sa.Text, nullable=True, unique=True),
    sa.Column("outcome", sa.Text, nullable=True),
    sa.Index("asked_of_by_place", "stream", "number"),
)

# What one person asks in a room's own matters and another settles (chassis/second.py). `about_id` is whom or what it is
# about, `details` what will be done; at one partner only one asking stands open about the same, by `open_for`, which is
# empty once it is settled.
second_askings = sa.Table(
    "second_askings",
    metadata,
    sa.Column("asking_id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("about_id", Id, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("asked_by", Id, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("settled_by", Id, nullable=True),
    sa.Column("settled_at", Moment, nullable=True),
    sa.Column("open_for", sa.Text, nullable=True),
    sa.UniqueConstraint("partner_id", "open_for"),
    sa.Index("second_askings_by_end", "state", "ends_at"),
)

# How much of others an account was shown in the hour at hand (chassis/budget.py); one row each.
shown_lately = sa.Table(
    "shown_lately",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("hour", Moment, nullable=False),
    sa.Column("lists", sa.Integer, nullable=False),
    sa.Column("shown", sa.Integer, nullable=False),
    # When it was last refused more.
    sa.Column("refused_at", Moment, nullable=True),
    sa.Column("refused_roles", sa.Text, nullable=False),
    sa.Column("refused_partner", sa.Text, nullable=True),
)

unreadable = sa.Table(
    "unreadable",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("place", sa.BigInteger, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=True),
    sa.Column("since", Moment, nullable=False),
    sa.Column("asking_id", Id, nullable=True),
)

positions = sa.Table(
    "positions",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("topic_id", sa.Text, nullable=False),
    sa.Column("next", sa.BigInteger, nullable=False),
    sa.Column("last_stated_at", Moment, nullable=True),
)

# When a consumer last had read a partition to its end; what a report may say it covers (chassis/events/coverage.py).
caught_up = sa.Table(
    "caught_up",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)

brakes = sa.Table(
    "brakes",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", Id, primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("is_on", sa.Boolean, nullable=False),
    sa.Column("since", Moment, nullable=False),
)

# Whom a person must not be told to; for these accounts they are not there (chassis/told.py).
kept_from = sa.Table(
    "kept_from",
    metadata,
    sa.Column("person_id", Id, primary_key=True),
    sa.Column("account_id", Id, primary_key=True),
)

# Who did what, and what was shown to whom of whom. `roles` are those they had, `purpose` the action of the door they
# came by, `subject` whose record it is and `subject_kind` what they are. A row gets `place` and `hash` when it is
# sealed (chassis/audit/); nothing else of it ever changes.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("sequence", Serial, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who_kind", sa.Text, nullable=False),
    sa.Column("who_id", sa.Text, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("partner_id", sa.Text, nullable=True),
    sa.Column("purpose", sa.Text, nullable=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=True),
    sa.Column("subject_kind", sa.Text, nullable=True),
    sa.Column("subject", sa.Text, nullable=True),
    sa.Column("record", sa.Text, nullable=True),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("correlation_id", sa.Text, nullable=False),
    sa.Column("place", sa.BigInteger, nullable=True),
    sa.Column("hash", sa.Text, nullable=True),
    sqlite_autoincrement=True,
)
# The rows that are to be sealed, which are few, and those that are: a row is in one of the two. Only what is sealed is
# found by whom it is about, so that whoever writes a row touches no index by subject (chassis/audit/reading.py, about).
_TO_SEAL, _SEALED = audit.c.place.is_(None), audit.c.place.is_not(None)
sa.Index("audit_by_subject", audit.c.subject, audit.c.sequence, sqlite_where=_SEALED, postgresql_where=_SEALED)
sa.Index("audit_to_seal", audit.c.sequence, sqlite_where=_TO_SEAL, postgresql_where=_TO_SEAL)
sa.Index("audit_by_place", audit.c.place, unique=True, sqlite_where=_SEALED, postgresql_where=_SEALED)

# Heads of the chain as they were signed and stated; `filed_at` is when the operator's folder had one too.
audit_heads = sa.Table(
    "audit_heads",
    metadata,
    sa.Column("number", Serial, primary_key=True, autoincrement=True),
    sa.Column("place", sa.BigInteger, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("public_key", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("filed_at", Moment, nullable=True),
    sqlite_autoincrement=True,
)

# Public keys by which passes are checked, as the room that mints them said (chassis/entry.py).
pass_keys = sa.Table(
    "pass_keys",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("public", sa.Text, nullable=False),
    sa.Column("heard_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("door", sa.Text, primary_key=True),
    sa.Column("asker", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("body_hash", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("record", sa.Text, nullable=True),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

clocks = sa.Table(
    "clocks",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Index("clocks_due", "kind", "state", "due_at"),
)
