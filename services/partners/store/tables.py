"""The partners tables."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from chassis.columns import Id, Moment, Serial
from chassis.events.projections import Projection

metadata = sa.MetaData()

partners = sa.Table(
    "partners",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("area", sa.Text, nullable=False),
    sa.Column("ods_code", sa.Text, nullable=True, unique=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("joined_on", sa.Date, nullable=False),
    # Since which day no agreement is in force, as it was stated; empty while one is.
    sa.Column("lapsed_on", sa.Date, nullable=True),
)

# Agreements may overlap; of those that cover a day the one signed last counts.
agreements = sa.Table(
    "agreements",
    metadata,
    sa.Column("agreement_id", Id, primary_key=True),
    sa.Column("partner_id", Id, sa.ForeignKey("partners.partner_id"), nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("signed_at", Moment, nullable=False),
    sa.Index("agreements_by_partner", "partner_id", "signed_at"),
)

# `login` is a keyed hash of the e-mail address somebody signs in with; the address itself is sealed in `contact`.
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("partner_id", Id, sa.ForeignKey("partners.partner_id"), nullable=False),
    sa.Column("called", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=True),
    sa.Column("login", sa.Text, nullable=True, unique=True),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    # Passes minted before this many facts of the account are worth nothing.
    sa.Column("passes_from", sa.Integer, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("opened_by", Id, nullable=False),
    sa.Index("accounts_by_partner", "partner_id", "opened_at"),
)

# Who has which thing in hand, as the room that owns its clock says: a worry, a session, the supervision of a peer.
in_hand = sa.Table(
    "in_hand",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("thing_id", Id, primary_key=True),
    sa.Column("owner_id", Id, nullable=False),
    sa.Index("in_hand_by_owner", "owner_id"),
)

# What a partner answered to the critical questions, each time; the newest counts. `asked` is the questions' version.
setups = sa.Table(
    "setups",
    metadata,
    sa.Column("partner_id", Id, sa.ForeignKey("partners.partner_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("answered_at", Moment, nullable=False),
    sa.Column("answered_by", Id, nullable=False),
)

# The code of conduct, version by version; its text is public.
conducts = sa.Table(
    "conducts",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("conduct_id", Id, nullable=False, unique=True),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("published_on", sa.Date, nullable=False),
    sa.Column("in_force_on", sa.Date, nullable=False),
    sa.Column("published_by", Id, nullable=False),
)

acceptances = sa.Table(
    "acceptances",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("accepted_at", Moment, nullable=False),
)

# Private links of people without an account, by the hash of the token; the token is kept nowhere.
links = sa.Table(
    "links",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("link_id", Id, nullable=False, unique=True),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("is_revoked", sa.Boolean, nullable=False),
    sa.Index("links_of_person", "person_id"),
)

# The keyed hash of the word a person chose, sealed with their own key.
link_words = sa.Table(
    "link_words",
    metadata,
    sa.Column("person_id", Id, primary_key=True),
    sa.Column("word", sa.Text, nullable=False),
)

# Made of what was heard, and of nothing else.
PROJECTIONS = (Projection(in_hand), Projection(links), Projection(link_words))

OVER_ALL: Mapping[tuple[str, tuple[str, ...]], str] = {
    ("partners", ("code",)): "the network's own name for a partner: in topics and addresses; the network lead gives it",
    ("partners", ("ods_code",)): "the NHS's name for it, which is public; the network lead gives it",
    ("accounts", ("login",)): "one address signs one human being in, at whichever partner; what it hashes is not told",
}

# ---- how somebody shows who they are

passwords = sa.Table(
    "passwords",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("set_at", Moment, nullable=False),
)

# `last_step` is the step whose code was used last: no code is good twice. `next_secret` is of an app that has not shown
# its first right code yet; until then the one before is asked for. Since `confirmed_at` a code is asked of them: where
# `secret` is empty after that it was reset, and they set up another before they come in.
second_factors = sa.Table(
    "second_factors",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("secret", sa.Text, nullable=True),
    sa.Column("next_secret", sa.Text, nullable=True),
    sa.Column("confirmed_at", Moment, nullable=True),
    sa.Column("last_step", sa.BigInteger, nullable=False),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("used_at", Moment, nullable=True),
)

# Codes and links good once, by their hashes: invitations, and what lies between a password and its code.
once_only = sa.Table(
    "once_only",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("account_id", Id, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("used_at", Moment, nullable=True),
    sa.Index("once_only_by_account", "account_id", "purpose"),
)

# A try to sign in that failed, by the hash of the account's login or of the address it came from.
failed_tries = sa.Table(
    "failed_tries",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("of", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("failed_tries_of", "of", "at"),
    sqlite_autoincrement=True,
)

# `hash` is that of the cookie, which itself is kept nowhere; `handle` names the session in its passes and signals.
# `link_id` is the private link it began by, `only` the one purpose its passes are for.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("handle", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("who_id", Id, nullable=False),
    sa.Column("called", sa.Text, nullable=True),
    sa.Column("provider_sid", sa.Text, nullable=True),
    sa.Column("link_id", Id, nullable=True),
    sa.Column("only", sa.Text, nullable=True),
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("ended_at", Moment, nullable=True),
    sa.Column("why_ended", sa.Text, nullable=True),
    sa.Column("signalled_at", Moment, nullable=True),
    sa.Index("sessions_of", "who_id", "ended_at"),
    sa.Index("sessions_at_provider", "provider_sid"),
    sa.Index("sessions_by_link", "link_id"),
    sa.Index("sessions_to_signal", "signalled_at", "ended_at"),
)

# ---- systems

# `networks` are the addresses a system may sign in from; none listed means any. `algorithm` is that of its own keys.
systems = sa.Table(
    "systems",
    metadata,
    sa.Column("system_id", Id, primary_key=True),
    sa.Column("partner_id", Id, sa.ForeignKey("partners.partner_id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("algorithm", sa.Text, nullable=True),
    sa.Column("networks", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    # Passes minted before this many facts of the system are worth nothing.
    sa.Column("passes_from", sa.Integer, nullable=False),
    sa.Column("registered_at", Moment, nullable=False),
    sa.Column("registered_by", Id, nullable=False),
    sa.Index("systems_by_partner", "partner_id", "registered_at"),
)

# Public keys as they were registered; the id of one that was revoked is never given to another.
system_keys = sa.Table(
    "system_keys",
    metadata,
    sa.Column("system_id", Id, sa.ForeignKey("systems.system_id"), primary_key=True),
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("public", sa.JSON, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("added_by", Id, nullable=False),
    sa.Column("revoked_at", Moment, nullable=True),
)

# `hash` is that of the secret, which itself is kept nowhere; `prefix` is shown, to tell two keys apart.
api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("prefix", sa.Text, primary_key=True),
    sa.Column("system_id", Id, sa.ForeignKey("systems.system_id"), nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("made_by", Id, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("revoked_at", Moment, nullable=True),
    sa.Column("used_on", sa.Date, nullable=True),
    sa.Index("api_keys_by_system", "system_id", "made_at"),
)

# The numbers of signed statements that were taken, by their hash, until they would be refused as too old anyway.
used_numbers = sa.Table(
    "used_numbers",
    metadata,
    sa.Column("system_id", Id, primary_key=True),
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("until", Moment, nullable=False),
    sa.Index("used_numbers_until", "until"),
)

# The keys passes are signed with, one after another; the private half is sealed.
signing_keys = sa.Table(
    "signing_keys",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("private", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
)

# ---- an identity provider that signs people in

# Who somebody is at a provider: `subject` is a keyed hash of their id there, which is kept nowhere.
identities = sa.Table(
    "identities",
    metadata,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", Id, primary_key=True),
    sa.Column("account_id", Id, nullable=False),
    sa.Column("linked_at", Moment, nullable=False),
    sa.UniqueConstraint("issuer", "account_id"),
)

# A sign-in that was begun, by the hashes of its state and of the browser's cookie; what it is checked by is made of
# both and kept nowhere. `address` is the hash of where it came from, `invitation` that of the token it goes with.
begun = sa.Table(
    "begun",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("browser", sa.Text, nullable=False),
    sa.Column("address", Id, nullable=False),
    sa.Column("going_to", sa.Text, nullable=False),
    sa.Column("invitation", sa.Text, nullable=True),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Index("begun_from", "address", "ends_at"),
)

# Tokens by which a provider signed somebody out, by their hashes: each is good once.
logout_tokens = sa.Table(
    "logout_tokens",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("ends_at", Moment, nullable=False),
)

# ---- notices

# How somebody is reached, as they said themselves: addresses sealed, which way first, and their own quiet hours.
reaches = sa.Table(
    "reaches",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("quiet_from", sa.Integer, nullable=False),
    sa.Column("quiet_until", sa.Integer, nullable=False),
    sa.Column("is_discreet", sa.Boolean, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
)

# What another room asked to be sent. `partner_id` is the reader's, empty when there is no such account; `tries` counts
# on `channel`, and `turn` on all; `settled_at` is when somebody saw to what did not arrive.
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("notice_id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=True),
    sa.Column("recipient_id", Id, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=True),
    sa.Column("tried", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("code", sa.Text, nullable=True),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("settled_how", sa.Text, nullable=True),
    sa.Column("settled_at", Moment, nullable=True),
    sa.Column("settled_by", Id, nullable=True),
    sa.Index("notices_by_state", "state", "settled_at", "changed_at"),
)
