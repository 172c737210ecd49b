"""One call to whoever carries a letter: it ends in time as a whole, and it is known whether anything may have gone.

A limit of the socket alone would not do: it begins anew with every byte, and looking up a name heeds none.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from services.partners.domain.notices import NO_ANSWER, NOT_NOW

# Seconds one call may take as a whole.
CALL_SECONDS = 10.0


class GivenUp(Exception):
    """Whoever waited for this call has given it up; nothing may be handed over any more."""


class Call:
    """What is known of one call by both sides: its sockets, and whether handing over has begun."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._has_begun = self._is_given_up = False

    def note(self, opened: socket.socket | None) -> None:
        """Keeps a socket, so that the call can be ended whatever it is stuck in."""
        with self._lock:
            if self._is_given_up:
                raise GivenUp()
            if opened is not None:
                self._sockets.append(opened)

    def begin(self) -> None:
        """Says that from here on the letter may have been taken. Raises GivenUp when it may not be any more."""
        with self._lock:
            if self._is_given_up:
                raise GivenUp()
            self._has_begun = True

    def outcome_of_silence(self) -> str:
        """How a call went that brought no answer: not at all, or nobody knows."""
        with self._lock:
            return NO_ANSWER if self._has_begun else NOT_NOW

    def give_up(self) -> str:
        """Ends the call; nothing begins after it. Gives how it went as far as anybody can know."""
        with self._lock:
            self._is_given_up = True
            for one in self._sockets:
                # Not by TLS's own goodbye, which would wait for the other side.
                with suppress(OSError):
                    socket.socket.shutdown(one, socket.SHUT_RDWR)
        return self.outcome_of_silence()


def within(seconds: float, work: Callable[[Call], str]) -> str:
    """Does one call in a thread beside; gives how it went, at the latest when its time is over."""
    call, found = Call(), list[str]()
    is_done = threading.Event()

    def run() -> None:
        try:
            found.append(work(call))
        except Exception:  # noqa: BLE001 - its words may hold an address; what it means is what was begun
            found.append(call.outcome_of_silence())
        finally:
            is_done.set()

    threading.Thread(target=run, name="notice-call", daemon=True).start()
    return found[0] if is_done.wait(seconds) and found else call.give_up()
