"""From where a partner reads on at the feed: opaque to it, and of no use to another."""

from __future__ import annotations

import base64
import hashlib

from chassis.errors import Fault, Invalid

_MARK = "1"


class CursorUnknown(Invalid):
    """The cursor is none of ours, or another partner's."""

    says = "This is no place in your feed. Use the value of `after` that an answer gave you, or leave it out."


def cursor(partner_id: str, number: int) -> str:
    """The place after a number."""
    return base64.urlsafe_b64encode(f"{_MARK}.{_sign(partner_id)}.{number}".encode()).decode().rstrip("=")


def number_in(text: str, partner_id: str) -> int:
    """The number a cursor stands after, 0 for none; refuses one that was not given to this partner."""
    if not text:
        return 0
    try:
        mark, sign, number = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(".")
    except ValueError:
        raise _unknown() from None
    if mark != _MARK or sign != _sign(partner_id) or not number.isdigit() or len(number) > 18:
        raise _unknown()
    return int(number)


def check_reached(number: int, until: int) -> None:
    """Refuses a place beyond the end of a feed: it was given by records that an older copy has taken the place of.

    From there on what the partner is told next would have numbers it believes to have read.
    """
    if number > until:
        raise _unknown()


def _unknown() -> CursorUnknown:
    return CursorUnknown(faults=(Fault("after", CursorUnknown.says),))


def _sign(partner_id: str) -> str:
    return hashlib.sha256(f"cursor of {partner_id}".encode()).hexdigest()[:12]
