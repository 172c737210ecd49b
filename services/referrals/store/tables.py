"""The tables of the referrals room."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.columns import Id, Moment
from chassis.events.projections import Projection

metadata = sa.MetaData()

# Group codes of one day's referrals, without the people, until they are stated together.
equity_waiting = sa.Table(
    "equity_waiting",
    metadata,
    sa.Column("reporting_id", Id, primary_key=True),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("codes", sa.JSON, nullable=False),
)

# `partner_id` is whoever referred them: the sealed words of a person stand behind the same boundary as their referral.
people = sa.Table(
    "people",
    metadata,
    sa.Column("person_id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("called", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("consent_id", Id, nullable=False),
    sa.Column("consent_state", sa.Text, nullable=False),
    sa.Column("consent", sa.JSON, nullable=False),
    sa.Column("reporting_id", sa.Text, nullable=False),
    sa.Column("is_protected", sa.Boolean, nullable=False),
    # When the person chose the word their private link asks for; the word itself is kept in no table here.
    sa.Column("word_chosen_at", Moment, nullable=True),
    # Keyed hashes (contracts/marks.py): whether whoever opens the record is too near to it.
    sa.Column("surname_mark", sa.Text, nullable=True),
    sa.Column("postcode_mark", sa.Text, nullable=True),
    sa.Column("whole_mark", sa.Text, nullable=True),
    # Others, by which they are found (services/referrals/actions/searching.py).
    sa.Column("nhs_mark", sa.Text, nullable=True),
    sa.Column("phone_mark", sa.Text, nullable=True),
    sa.Index("people_by_nhs_mark", "nhs_mark"),
    sa.Index("people_by_phone_mark", "phone_mark"),
    sa.Index("people_by_place_marks", "postcode_mark", "surname_mark"),
)

referrals = sa.Table(
    "referrals",
    metadata,
    sa.Column("referral_id", Id, primary_key=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.person_id"), nullable=False),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("sender_id", Id, nullable=False),
    sa.Column("door", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("reply_due_at", Moment, nullable=True),
    sa.Column("decision_due_at", Moment, nullable=True),
    sa.Column("acknowledged_at", Moment, nullable=True),
    sa.Column("accepted_at", Moment, nullable=True),
    # The coordinator who works with it: whoever opened it, or decided it last.
    sa.Column("holder_id", Id, nullable=True),
    sa.Column("ended_at", Moment, nullable=True),
    sa.Column("outcome", sa.Text, nullable=True),
    sa.Column("incomplete", sa.JSON, nullable=False),
    sa.Column("needs", sa.Text, nullable=False),
    sa.Column("safety", sa.Text, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("raw_hash", sa.Text, nullable=False),
    sa.Index("referrals_by_state", "state", "reply_due_at"),
    sa.Index("referrals_by_partner", "partner_id", "received_at"),
    sa.Index("referrals_by_person", "person_id"),
    sa.Index("referrals_by_holder", "holder_id"),
)

# Private links that were made for people; neither token nor hash is kept here.
links = sa.Table(
    "links",
    metadata,
    sa.Column("link_id", Id, primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("people.person_id"), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("minted_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("revoked_at", Moment, nullable=True),
    sa.Index("links_of_person", "person_id", "revoked_at"),
)

partners = sa.Table(
    "partners",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
)

# What a partner is told about its messages, numbered for it alone and without a gap; nothing personal stands in it.
outbound = sa.Table(
    "outbound",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("message_id", Id, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("stated_at", Moment, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
)

# The last number given to a partner, and the last that its topic is known to hold. Two tables: whoever sends holds a
# row of the second for as long as the carrier takes, and nobody who is answered may wait for that.
outbound_ends = sa.Table(
    "outbound_ends",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)
outbound_sent = sa.Table(
    "outbound_sent",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

# The keys partners encrypt to: the public half as it is published, the private one sealed.
published_keys = sa.Table(
    "published_keys",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kid", Id, nullable=False, unique=True),
    sa.Column("public", sa.JSON, nullable=False),
    sa.Column("private", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
)

# The same marks of those with an account, as partners said them.
account_marks = sa.Table(
    "account_marks",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("surname_mark", sa.Text, nullable=True),
    sa.Column("postcode_mark", sa.Text, nullable=True),
    sa.Column("whole_mark", sa.Text, nullable=True),
    sa.Index("account_marks_by_partner", "partner_id", "whole_mark"),
)

# Looks at a record that a privacy officer is asked to see to: ids and codes, never a name and never a score.
looks = sa.Table(
    "looks",
    metadata,
    sa.Column("look_id", Id, primary_key=True),
    sa.Column("pattern", sa.Text, nullable=False),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("partner_id", sa.Text, nullable=True),
    sa.Column("roles", sa.Text, nullable=False),
    # None where it is about very many at once.
    sa.Column("person_id", Id, nullable=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("last_seen_at", Moment, nullable=False),
    sa.Column("flagged_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=True),
    sa.Column("settled_at", Moment, nullable=True),
    sa.Column("settled_by", sa.Text, nullable=True),
    sa.Index("looks_of_one", "account_id", "person_id", "pattern"),
    sa.Index("looks_by_state", "state", "flagged_at"),
)

# How far this room's own audit trail was looked through for such looks.
watched = sa.Table(
    "watched",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("place", sa.BigInteger, nullable=False),
)

# ---- who works with whom now, as other rooms said; ids alone

# A pair that is over stays so, in whatever order a match and its support are heard.
walking = sa.Table(
    "walking",
    metadata,
    sa.Column("match_id", Id, primary_key=True),
    sa.Column("peer_id", Id, primary_key=True),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("is_over", sa.Boolean, nullable=False),
    sa.Index("walking_by_person", "person_id", "peer_id"),
)
supervised = sa.Table(
    "supervised",
    metadata,
    sa.Column("peer_id", Id, primary_key=True),
    sa.Column("supervisor_id", Id, nullable=True),
)
# Whom a worry is about, and who owns it while it is open. Two tables: the one may be heard before the other.
worries_about = sa.Table(
    "worries_about",
    metadata,
    sa.Column("worry_id", Id, primary_key=True),
    sa.Column("person_id", Id, nullable=False),
    # Raised here, by a referral that spoke of danger, and heard from nobody.
    sa.Column("is_own", sa.Boolean, nullable=False),
    sa.Index("worries_about_by_person", "person_id"),
)
worry_owners = sa.Table(
    "worry_owners",
    metadata,
    sa.Column("worry_id", Id, primary_key=True),
    sa.Column("owner_id", Id, nullable=True),
)

# Openings of what keeps a person safe by somebody who does not work with them. Why, in words, is sealed.
glasses = sa.Table(
    "glasses",
    metadata,
    sa.Column("glass_id", Id, primary_key=True),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("account_id", Id, nullable=False),
    sa.Column("by_partner_id", sa.Text, nullable=True),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("broken_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("ended_at", Moment, nullable=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=True),
    sa.Column("seen_to_at", Moment, nullable=True),
    sa.Column("seen_to_by", Id, nullable=True),
    sa.Index("glasses_of_one", "account_id", "person_id", "ends_at"),
    sa.Index("glasses_by_state", "state", "broken_at"),
)

# What other rooms said and nothing here changes; all else is this room's own to decide.
PROJECTIONS = (
    Projection(partners),
    Projection(account_marks),
    Projection(walking),
    Projection(supervised),
    Projection(worries_about, taken_over=worries_about.c.is_own),
    Projection(worry_owners),
)
