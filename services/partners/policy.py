"""The numbers the partners rules run on; a network may override each in its policy file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Units are in the names; (d) marks a default of ours with no confirmed source."""

    # Years a data-sharing agreement may span at most, so that somebody looks at it again (d).
    longest_agreement_years: int = 3
    # Days in which another person confirms or refuses what somebody asked (d).
    asking_days: int = 7
    # Days people have to read a new version of the code of conduct before new matches need it accepted (d).
    conduct_reading_days: int = 14
    # Minutes a session may rest, and hours it may last; ASVS 5.0 7.3 leaves both to the one who runs it (d).
    session_rests_minutes: int = 15
    session_lasts_hours: int = 10
    # Minutes a session by a private link lasts at most; people open such links on telephones others hold too (d).
    link_session_lasts_minutes: int = 60
    # Wrong words after which a private link rests, tries from one address after which it waits, and minutes (d).
    link_tries: int = 5
    link_tries_address: int = 30
    link_rests_minutes: int = 60
    # Wrong words, since the last right one, after which a link takes none any more; days they are kept (d).
    link_tries_in_all: int = 20
    link_tries_days: int = 365
    # Days an invitation may be answered (d).
    invitation_days: int = 7
    # Minutes between the password and the code (d).
    try_minutes: int = 5
    # Failed tries to sign in after which an account, and an address, waits; and the minutes that count (d).
    failed_tries_account: int = 10
    failed_tries_address: int = 60
    failed_tries_minutes: int = 15
    # Days a key signs passes, and days it is believed for (d).
    pass_key_signs_days: int = 30
    pass_key_believed_days: int = 31
    # Days an API key lasts when nothing else is asked, and at most (d).
    api_key_days: int = 180
    longest_api_key_days: int = 365
    # Systems one partner may have open (d).
    most_systems: int = 20
    # Minutes between going to an identity provider and coming back; sign-ins open at once from one address (d).
    begun_minutes: int = 10
    begun_from_one_address: int = 5000
    # Whether staff may use a password where an identity provider signs people in; administrators always may (d).
    staff_passwords: bool = True
    # Hours of the day, London's, in which nobody is written to who did not say otherwise: most people sleep (d).
    quiet_from_hour: int = 21
    quiet_until_hour: int = 8
    # Minutes until a notice that was not taken is tried again, what each further pause is multiplied by, and how often
    # it is tried: 1, 4, 16, 64 and 256 minutes, so that a mail server may be away for more than five hours (d).
    notice_first_pause_minutes: int = 1
    notice_pause_times: int = 4
    notice_tries: int = 6
    # Minutes after which nobody knows any more whether a notice that was being handed over went; a call takes seconds.
    notice_stuck_minutes: int = 5
