"""What a partner sends: a CloudEvent that holds a referral; its envelope is read here, by whichever way it came."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chassis.access import Principal
from chassis.errors import Fault, Invalid, Refused, TooLarge

# The one kind of message that is taken.
SENT = "referral.sent.v1"
# The longest message, in bytes; the topic takes no longer one either (events.md, Topics).
MOST_BYTES = 256 * 1024
_ID = re.compile(r"[!-~]{1,100}")
_SOURCE = re.compile(r"[!-~]{1,300}")


class EnvelopeFaulty(Invalid):
    """The envelope is no CloudEvent of version 1.0 that can be answered."""

    says = "The message's envelope is not complete. Send specversion, id, source and type, as CloudEvents 1.0 says."


class TypeNotTaken(Invalid):
    """A kind of message this network does not take from partners."""

    says = f"This kind of message is not taken here. The one that is taken is {SENT}."


class MessageEmpty(Invalid):
    """There is no body."""

    says = "The message has no body. Send the referral in it."


class MessageTooLarge(TooLarge):
    """The message is longer than a topic takes."""

    says = "The message is larger than 256 KB. Send less with it."


@dataclass(frozen=True)
class Arrived:
    """A message at the door: whose it is by its topic or its pass, and what its envelope says.

    `door` is `topic` or `events`; `offset` is its place in the topic, None for one that came over HTTP. `unread` is why
    not even its envelope could be read.
    """

    sender: Principal
    door: str
    envelope: Mapping[str, str]
    offset: int | None = None
    unread: Refused | None = None

    @property
    def partner_id(self) -> str:
        """The partner it is from."""
        return self.sender.partner_id or ""

    @property
    def id(self) -> str:
        """The sender's id of it, by which it is answered and a repeat is known; empty when it has none that fits."""
        given = self.envelope.get("id", "")
        return given if _ID.fullmatch(given) else ""

    def check(self) -> None:
        """Refuses an envelope with every fault at once, and a kind that is not taken.

        Who it says it is from is asked for, because the standard does, and goes no further.
        """
        if self.unread:
            raise self.unread
        faults = []
        if self.envelope.get("specversion") != "1.0":
            faults.append(Fault("specversion", "This must be 1.0."))
        if not self.id:
            faults.append(Fault("id", "Give each message an id of 1 to 100 printable characters without spaces."))
        if not _SOURCE.fullmatch(self.envelope.get("source", "")):
            faults.append(Fault("source", "Say where the message is from, in 1 to 300 printable characters."))
        if not self.envelope.get("type"):
            faults.append(Fault("type", f"Say what kind of message it is: {SENT}."))
        if faults:
            raise EnvelopeFaulty(faults=tuple(faults))
        if self.envelope["type"] != SENT:
            raise TypeNotTaken()


def check_size(body: bytes | None) -> bytes:
    """Gives the body; refuses none and one that is too large."""
    if not body:
        raise MessageEmpty()
    if len(body) > MOST_BYTES:
        raise MessageTooLarge()
    return body
