"""Whether a service's records are as new as what the network heard of it; older ones are changed by nobody."""

from __future__ import annotations

import threading
import time

from chassis import logs
from chassis.clock import Clock
from chassis.database import Database
from chassis.errors import Retry
from chassis.events import reading_back
from chassis.events.bus import Bus

# How often it is asked anew whether a person has settled what differs (seconds).
_ASK_SECONDS = 1.0


class OlderCopy(Retry):
    """The records were put back from an older copy, and a person must settle what differs first."""

    says = (
        "These records were put back from an older copy. Nothing can be changed until somebody who runs the service has"
        " settled what differs. What you sent was not kept."
    )


class Standing:
    """What one process knows of its service's records; the records themselves say whether a person is waited for."""

    def __init__(self, *, service: str, topic: str, bus: Bus, database: Database, clock: Clock) -> None:
        self._service, self._topic = service, topic
        self._bus, self._database, self._clock = bus, database, clock
        self._log = logs.logger(service)
        self._lock = threading.Lock()
        self._has_looked = self._is_sound = self._is_open = False
        self._asked_at = 0.0

    def look(self) -> None:
        """Compares with the topic, once; what it knows and we do not is read back. Raises CarrierAway."""
        with self._lock:
            if self._has_looked:
                return
            taken = reading_back.read(self._bus, self._database, self._service, self._topic, self._clock.now())
            self._has_looked = True
        if taken:
            self._log.error("older_copy", count=taken)
        self._asked_at = 0.0
        self.is_open()

    def is_sound(self) -> bool:
        """Whether this service may send, hear and keep its clocks; looks first. Raises CarrierAway."""
        if not self._has_looked:
            self.look()
        return not self.is_open()

    def is_open(self) -> bool:
        """Whether facts were read back that a person has to settle; also when another process found them."""
        if self._is_sound:
            return False
        now = time.monotonic()
        if now - self._asked_at >= _ASK_SECONDS:
            self._asked_at = now
            with self._database.reading() as connection:
                self._is_open = reading_back.is_open(connection)
            self._is_sound = self._has_looked and not self._is_open
        return self._is_open
