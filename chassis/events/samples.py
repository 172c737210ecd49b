"""A message as a file: its stream and headers a line each, an empty line, then its body byte for byte."""

from __future__ import annotations

from chassis.events.bus import Message
from chassis.events.envelope import EnvelopeUnreadable

_KEY = "key"


def written(message: Message) -> bytes:
    """The file of a message."""
    head = [(_KEY, message.stream.encode()), *message.headers]
    return b"".join(name.encode() + b": " + text + b"\n" for name, text in head) + b"\n" + message.body


def read(kept: bytes) -> Message:
    """The message a file holds; EnvelopeUnreadable when it holds none."""
    head, parted, body = kept.partition(b"\n\n")
    lines = [line.partition(b": ") for line in head.split(b"\n")]
    headers = [(name.decode(), text) for name, _, text in lines]
    if not parted or headers[0][0] != _KEY or not all(colon for _, colon, _ in lines):
        raise EnvelopeUnreadable()
    return Message(headers[0][1].decode(), headers[1:], body)
