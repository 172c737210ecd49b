"""One life of a house: a folder or databases, a crew, the orders of the outside, and the judgement at its end."""

from __future__ import annotations

import random
import signal
import time
from typing import Any

from chassis.settings import Settings
from tests.chaos import oracle
from tests.chaos.board import POISONED, Board
from tests.chaos.child import Arm, Kind
from tests.chaos.crew import Crew, in_a_child
from tests.chaos.orders import Outside

# Points that need a stream that is parked, or facts behind one, to be passed at all.
_NEEDS_POISON = ("listen.before_waiting", "listen.after_waiting", "listen.before_settling", "listen.after_settling",
                 "listen.before_parking", "listen.after_parking")  # fmt: skip
_LEAST_ORDERS, _MOST_ORDERS = 3, 7


class Life:
    """A house under fire, until it is judged."""

    def __init__(self, kinds: tuple[Kind, ...], settings: Settings, board: Board, seed: str, patience: float) -> None:
        self.draw = random.Random(seed)
        self.settings, self.board, self._patience = settings, board, patience
        self.crew = Crew(kinds, settings, board, seed)
        self.outside = Outside(self.draw, tuple(kind.name for kind in kinds if "web" in kind.roles))
        board.switch(POISONED, 0)

    # ---- one run: one thing that goes wrong ----

    def die_at(self, name: str, arm: Arm, patience: float) -> bool:
        """Arms a child, gives it something to do, and says whether it died at its point."""
        stays_poisoned = arm.point in _NEEDS_POISON
        if stays_poisoned or self.draw.random() < 0.1:
            self.board.switch(POISONED, 1)
        self.crew.start(name, arm)
        self.crew.start_all()
        self._order_some(poison=self.board.reads(POISONED) == 1)
        ends = time.monotonic() + patience
        pid = self.crew.living[name].pid if name in self.crew.living else 0
        while self._lives(name, pid) and time.monotonic() < ends:
            self.crew.hear_until(lambda: not self._lives(name, pid), 0.25)
            self.outside.note(self.crew)
            if not stays_poisoned and self.board.reads(POISONED) and self.draw.random() < 0.5:
                self.mend()
            if self._lives(name, pid):
                # More than one, so that some falls to the member that is to die of it.
                self._order_some(most=3, poison=stays_poisoned)
        return not self._lives(name, pid)

    def _lives(self, name: str, pid: int) -> bool:
        one = self.crew.living.get(name)
        return one is not None and one.pid == pid

    def die_sometime(self, name: str) -> None:
        """Kills a child at a random moment while it has something to do."""
        self.crew.start_all()
        self._order_some()
        self.crew.hear_until(lambda: False, self.draw.random() * 0.15)
        self.crew.kill(name)
        self.outside.note(self.crew)

    def freeze(self, name: str, seconds: float) -> None:
        """Stops a child in its tracks, lets the others go on, and lets it go on too."""
        self.crew.start_all()
        self._order_some()
        self.crew.send(name, signal.SIGSTOP)
        self.work(seconds)
        self.crew.send(name, signal.SIGCONT)
        self.work(1.0)

    def work(self, seconds: float) -> None:
        """Goes on ordering for some time; whoever dies is replaced."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.crew.hear_until(lambda: False, 0.1)
            self.outside.note(self.crew)
            for name in self.crew.missing():
                self.crew.start(name)
            self._order_some(most=2)

    def _order_some(self, *, most: int = _MOST_ORDERS, poison: bool = False) -> None:
        for order in self.outside.open()[:6]:
            if not order.asked & self.crew.in_hand():
                self.outside.send(self.crew, order)
        for number in range(self.draw.randint(min(most, _LEAST_ORDERS), most)):
            self.outside.send(self.crew, self.outside.new(poison=poison and number == 0))

    def mend(self) -> None:
        """What was poison can be kept from now on, and what is parked is taken up again."""
        self.board.switch(POISONED, 0)
        for name in self.crew.living:
            self.crew.ask(name, "release")

    # ---- the end ----

    def judge(self) -> dict[str, Any]:
        """Lets everything come to rest, and has the oracle look at it all."""
        deadline = time.monotonic() + self._patience
        rest: dict[str, int] = {"nobody looked yet": 1}
        while time.monotonic() < deadline and (rest or self.outside.open()):
            self.crew.start_all()
            self.mend()
            for order in self.outside.open():
                if not order.asked & self.crew.in_hand():
                    self.outside.send(self.crew, order)
            self.crew.hear_until(lambda: not self.crew.in_hand(), 5)
            self.outside.note(self.crew)
            rest = in_a_child(lambda: oracle.unsettled(self.settings))
            if rest:
                self.crew.hear_until(lambda: False, 0.1)
        is_stuck = bool(rest or self.outside.open())
        # Whoever would still do something twice has a moment for it.
        self.crew.hear_until(lambda: False, 0.1)
        told: dict[str, Any] = in_a_child(lambda: oracle.judge(self.settings, self.outside.acknowledged(), is_stuck))
        told["counts"]["stuck"] += len(self.outside.open())
        told["counts"]["twice"] += len(self.outside.contradictions)
        told["examples"] += self.outside.contradictions[:5]
        told["orders"] = len(self.outside.orders)
        return told

    def close(self) -> None:
        """Ends the crew."""
        self.crew.close()
