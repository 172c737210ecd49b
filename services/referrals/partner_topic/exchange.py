"""The parts of this door put together, and what of them runs beside which role."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.access import service_scope
from chassis.service import Service
from services.referrals import store
from services.referrals.partner_topic.inbound import Inbound
from services.referrals.partner_topic.outbound import Outbound
from services.referrals.partner_topic.taking import Taking
from services.referrals.telemetry import PartnerMessages

# Where the app of the service keeps it.
EXTENSION = "partner_topic"


@dataclass(frozen=True)
class Exchange:
    """What takes messages in, what reads them from topics, and what publishes the answers."""

    taking: Taking
    inbound: Inbound
    outbound: Outbound


def open_exchange(house: Service) -> Exchange:
    """Opens the door of a service; its topics are read and written where a broker carries the facts."""

    def unsent_seconds() -> float:
        whole = service_scope(house.name)
        with house.reading() as unit:
            oldest = store.oldest_unsent(whole, unit, outbound.partner_ids())
            return max(0.0, (unit.now - oldest).total_seconds()) if oldest else 0.0

    counts = PartnerMessages(house.registry, unsent_seconds)
    taking = Taking(house, counts)
    inbound, outbound = Inbound(house, taking, counts), Outbound(house)
    taking.heard.append(outbound.wake)
    if house.settings.kafka:
        # Beside whatever the chassis runs there: without its ear for who may come in a room shows nothing for good.
        house.beside.setdefault("listen", []).append(inbound)
        house.beside.setdefault("relay", []).append(outbound)
    made = Exchange(taking, inbound, outbound)
    house.app.extensions[EXTENSION] = made
    return made
