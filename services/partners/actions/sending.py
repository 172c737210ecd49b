"""Sending what is due: the addresses are opened, each notice is taken up, handed over, and written down."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from services.partners import store
from services.partners.actions import notices, reaching
from services.partners.domain.notices import TAKEN
from services.partners.ways import Letter, Way
from services.partners.ways.wording import words

# Seconds one round may take: other clocks of the room wait for it.
_ROUND_SECONDS = 20.0
# Notices taken up in one transaction where nothing leaves the house; of what does, each stands alone.
_AT_ONCE_IN_A_DEMO = 200
# Tries that fail one after another by which a way is held for away until the next round.
_HELD_FOR_AWAY = 2


class Sender:
    """Sends the notices of one process; `house` is the running service, `ways` lead to people by channel."""

    def __init__(self, house: Any, ways: Mapping[str, Way]) -> None:
        self._house, self.ways = house, ways

    def send_due(self) -> int:
        """Sends what is due, for some seconds at most; gives how many were tried, held or failed."""
        done, ends = 0, time.monotonic() + _ROUND_SECONDS
        failing = dict.fromkeys(self.ways, 0)
        with self._house.reading() as unit:
            due = notices.due(unit)
        size = _AT_ONCE_IN_A_DEMO if self._house.settings.demo else 1
        for first in range(0, len(due), size):
            if time.monotonic() >= ends:
                break
            done += self._send(due[first : first + size], failing)
        return done

    def _send(self, some: Sequence[Any], failing: dict[str, int]) -> int:
        readers = self._readers(some)
        away = {way for way, count in failing.items() if count >= _HELD_FOR_AWAY}
        with self._house.writing() as unit:
            found = [notices.take(unit, clock, readers[clock.subject], self.ways.keys(), away) for clock in some]
        taken = [one for one in found if one is not None]
        went = [(one, self.ways[one.channel].hand_over(self._letter(one))) for one in taken]
        if not went:
            return len(some)
        for one, outcome in went:
            failing[one.channel] = 0 if outcome == TAKEN else failing[one.channel] + 1
        with self._house.writing() as unit:
            for one, outcome in went:
                notices.record(unit, one.notice_id, one.turn, outcome, self._usable(one.reader))
        return len(some)

    def _readers(self, some: Sequence[Any]) -> dict[str, notices.Reader]:
        with self._house.reading() as unit:
            rows = [store.notice(unit.scope, unit, clock.subject) for clock in some]
            known = {row.notice_id: reaching.of(unit, row.recipient_id) for row in rows}
        ring = self._house.vault.ring(reaching.token_of(*pair) for pair in known.values())
        is_demo = self._house.settings.demo
        return {
            subject: reaching.read(self._house.policy, *pair, ring, is_demo=is_demo) for subject, pair in known.items()
        }

    def _usable(self, reader: notices.Reader) -> list[str]:
        return [way for way in reader.reach.ways if way in self.ways]

    def _letter(self, one: notices.Taken) -> Letter:
        said = words(one.template, self._house.settings.our_origin, is_discreet=one.reader.is_discreet)
        return Letter(
            key=one.notice_id, to=one.reader.addresses[one.channel], subject=said.subject, body=said.body,
            text=said.text, is_discreet=one.reader.is_discreet,
        )  # fmt: skip
