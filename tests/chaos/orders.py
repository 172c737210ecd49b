"""What the outside asks of the house: orders with a key, sent until they are acknowledged, however often that takes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.crew import Crew
from tests.chaos.rooms import API, POISON

_SOMEBODIES = 5
# Of ten orders: how many make a thing, how many hold or free someone; the rest move what is there.
_MAKES, _HOLDS = 3, 1
_TWICE_AT_ONCE = 0.3
_ACKNOWLEDGED = 201
# The room's answer to what is wrong with an order itself; an order of ours never is, so meeting one is a finding.
_REFUSALS = range(400, 500)


@dataclass
class Order:
    """One thing asked for: acknowledged when `body` is what came back."""

    key: str
    kind: str
    path: str
    sent: dict[str, Any]
    thing_id: str = ""
    body: dict[str, Any] | None = None
    asked: set[int] = field(default_factory=set)


class Outside:
    """Everything ordered in one life of a house."""

    def __init__(self, draw: random.Random, doors: tuple[str, ...]) -> None:
        self._draw, self._doors = draw, doors
        self.orders: dict[str, Order] = {}
        self.things: list[str] = []
        self.contradictions: list[str] = []
        self.sent_twice = 0

    def new(self, *, poison: bool = False) -> Order:
        """Draws an order."""
        key = f"{len(self.orders)}-{self._draw.randrange(1 << 40)}"
        drawn = self._draw.randrange(10)
        if poison or not self.things or drawn < _MAKES:
            body = {"someone_id": f"somebody-{self._draw.randrange(_SOMEBODIES)}", "words": POISON if poison else "x"}
            order = Order(key, "make", API, body)
        elif drawn < _MAKES + _HOLDS:
            order = Order(key, "hold", f"{API}/of/somebody-{self._draw.randrange(_SOMEBODIES)}/holds", {})
        else:
            # The newest things are moved most, so that streams grow while their first facts are still on the way.
            thing_id = self.things[-1 - int(self._draw.random() ** 2 * min(len(self.things), 12))]
            order = Order(key, "move", f"{API}/{thing_id}/steps", {}, thing_id)
        self.orders[key] = order
        return order

    def send(self, crew: Crew, order: Order) -> None:
        """Sends an order to a door; now and then to two doors at once."""
        doors = [self._draw.choice(self._doors)]
        if self._draw.random() < _TWICE_AT_ONCE:
            doors = [*doors, self._draw.choice(self._doors)]
            self.sent_twice += 1
        for door in doors:
            if number := crew.ask(door, path=order.path, body=order.sent, key=order.key):
                order.asked.add(number)

    def note(self, crew: Crew) -> None:
        """Takes note of what was answered: two answers to one key must be the same."""
        for order in self.orders.values():
            for number in [one for one in order.asked if one in crew.answers]:
                order.asked.discard(number)
                told = crew.answers.pop(number)
                if told["status"] == _ACKNOWLEDGED:
                    self._acknowledge(order, told["body"])
                elif told["status"] in _REFUSALS:
                    self.contradictions.append(f"{order.kind} was refused with {told['status']}: {told['body']}")

    def _acknowledge(self, order: Order, body: dict[str, Any]) -> None:
        if order.body is None:
            order.body = body
            if order.kind == "make":
                self.things.append(body["thing_id"])
        elif order.body != body:
            self.contradictions.append(f"order {order.key} was answered {order.body} and then {body}")

    def open(self) -> list[Order]:
        """The orders not acknowledged yet."""
        return [order for order in self.orders.values() if order.body is None]

    def moves_acknowledged(self) -> int:
        """How many moves were acknowledged so far."""
        return sum(order.kind == "move" and order.body is not None for order in self.orders.values())

    def acknowledged(self) -> dict[str, dict[str, Any]]:
        """The acknowledged orders as the oracle takes them."""
        return {
            key: {"kind": order.kind, "thing_id": order.thing_id, "body": order.body}
            for key, order in self.orders.items()
            if order.body is not None
        }
