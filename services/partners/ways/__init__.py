"""The ways a notice goes: e-mail and texts are handed over here and nowhere else, each within a time as a whole.

Nothing here touches a table, and nothing here is called inside a transaction. No fault repeats an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chassis.clock import Clock
from chassis.settings import Settings, SettingsFaulty
from services.partners.domain.notices import EMAIL, SMS, TAKEN
from services.partners.ways.mail import Mail
from services.partners.ways.texts import Texts


@dataclass(frozen=True)
class Letter:
    """One notice on its way; `key` is the same for each try of it, and `to` never shows where this is printed."""

    key: str
    to: str = field(repr=False)
    subject: str
    body: str
    text: str
    is_discreet: bool = False


class Way(Protocol):
    """One way to somebody."""

    def hand_over(self, letter: Letter) -> str:
        """Hands a letter to whoever carries it; gives how that went, and raises nothing."""
        ...


class Shown:
    """The demo's way: nothing leaves, and the page /outbox shows what would have."""

    def hand_over(self, letter: Letter) -> str:
        """Takes every letter."""
        return TAKEN


def ways_of(settings: Settings, clock: Clock) -> Mapping[str, Way]:
    """The ways that are set up, by channel; in a demo each leads to the outbox."""
    if settings.demo:
        return {EMAIL: Shown(), SMS: Shown()}
    found: dict[str, Way] = {}
    try:
        if settings.sending.smtp_host:
            found[EMAIL] = Mail(settings.sending, clock)
        if settings.sending.sms_url:
            found[SMS] = Texts(settings.sending, clock)
    except (ValueError, OSError):
        raise SettingsFaulty(
            ["a secret or certificate of BEENTHERE_SMTP_* or BEENTHERE_SMS_* cannot be read"]
        ) from None
    return found
