"""One made-up person who goes all the way through the network, with a word of their own in every text about them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from chassis import tables
from chassis.events.bus import Message
from chassis.events.envelope import as_bytes
from chassis.keys import keys
from chassis.service import Service
from demo import fhir
from demo.region import PARTNERS
from demo.sending import form_of
from services.reporting.actions import drawing
from tests.builders import MORNING, OUR_SERVICE, Caller, a_house, a_referral, forget_person
from tests.end_to_end.conftest import Network

# Nothing of the house, and with a letter that every encoding writes in its own way.
CANARY = "Zaunkönigin"
REFERRED = {
    "name": f"{CANARY} Goldammer", "called": "Goldammer", "address": "7 Rohrdommelgasse", "postcode": "ZZ7 7QX",
    "email": "wiedehopf@example.org", "phone": "01632 960 777", "nhs_number": "9990004218", "gp_code": "Y99777",
}  # fmt: skip
TEXTS = {
    "strengths": "Baumläuferei", "hopes": "Rotschwänzchen", "why_peer_support": "Kernbeißerei",
    "your_reference": "Neuntöter-77",
}  # fmt: skip
SAFETY_NOTE, REFERRER, NOTE, PLACE, WORRY = (
    "Steinschmätzer", "Dr Ziegenmelker", "Wasseramselei", "Seidenschwanzchor", "Mauersegelflug",
)  # fmt: skip
WORDS = [CANARY, *REFERRED.values(), "Goldammer", *TEXTS.values(), SAFETY_NOTE, REFERRER, NOTE, PLACE, WORRY]
# No secret, and written on purpose: an organisation's name, as it is and in two of the forms looked for.
CONTROL = "Nachtigallenchöre"
CONTROLS = {
    "plain": CONTROL,
    "base64": base64.b64encode(f"..{CONTROL}..".encode()).decode(),
    "percent": quote(CONTROL),
}


def the_referral(feared: str) -> dict[str, Any]:
    """A referral with a word of its own in every text, and somebody who must not be told."""
    return a_referral(
        **TEXTS, person=dict(REFERRED), referrer={"name": REFERRER, "phone": "01632 960 778"},
        safety={"note": SAFETY_NOTE, "must_not_be_told": [feared]},
    )  # fmt: skip


def by_web(network: Network, asked: dict[str, Any]) -> str:
    sent = network.people["referrer"].form("/referrals/new", {"key": "a key of this form", **form_of(asked)})
    assert sent.status_code == 303, sent.get_data(as_text=True)
    return str(sent.location).split("/")[2]


def by_api(network: Network, asked: dict[str, Any]) -> str:
    # Whoever calls may put anything in a key.
    key = f"{quote(CANARY)} once"
    named = {"X_Request_Id": "Goldammer-01632.960.777", "X_Correlation_Id": "Goldammer:wiedehopf"}
    answer = network.people["system"].api("POST", "/api/v1/referrals", asked, Idempotency_Key=key, **named)
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["referral_id"])


def by_fhir(network: Network, asked: dict[str, Any]) -> str:
    message = fhir.a_message(network.ids, PARTNERS[0], OUR_SERVICE, asked, MORNING)
    one, two = network.ids.new(), network.ids.new()
    answer = network.post("system", "/fhir/$process-message", message, X_Request_Id=one, X_Correlation_Id=two)
    kept = [entry["resource"] for entry in answer["entry"]]
    return next(str(one["id"]) for one in kept if one["resourceType"] == "ServiceRequest")


def by_events(network: Network, asked: dict[str, Any]) -> str:
    # Whoever sends may put anything in an id.
    told = network.post(
        "system", "/api/v1/events", asked, ce_specversion="1.0", ce_id=f"{quote(CANARY)}-once", ce_source="/records",
        ce_type="referral.sent.v1",
    )  # fmt: skip
    return str(told["data"]["referral_id"])


class Lived:
    """A house in which one person went all the way, and who saw what of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        plain = a_house(folder, log_level="debug")
        self.network = Network(plain.house, plain.clock, plain.ids, [])
        self.network.begin()
        self.officer, self.second = self.network.as_("privacy_officer"), self.network.as_("network_lead")
        self.feared = self.network.ids.new()
        for number, name in enumerate(CONTROLS.values()):
            self.network._partner(f"control-{number}", name, "voluntary", None)

    def goes_all_the_way(self, door: Callable[[Network, dict[str, Any]], str]) -> None:
        """Referred, accepted, matched and supported, with a note, a connection and a worry; support has ended."""
        self.goes_as_far_as_support(door)
        network, at = self.network, f"/api/v1/supports/{self.support_id}"
        network.post("asha", f"{at}/worries", {"level": 3, "words": WORRY, "about": "person"})
        network.post("asha", f"{at}/ending", {"ending": "planned", "agreed_by": "both", "wants_return": False})
        network.quiet()
        (worry,) = network.get("safeguarding", "/api/v1/concerns")
        self.worry = f"/worries/{worry['concern_id']}"
        network.house.tick()
        self._leaves_something_waiting(network)
        network.quiet()

    def goes_as_far_as_support(self, door: Callable[[Network, dict[str, Any]], str]) -> None:
        """Referred, accepted, matched and supported, with a note and a connection."""
        network = self.network
        self.named = [] if door is by_fhir else [self.feared]
        self.referral_id = door(network, the_referral(self.feared))
        at = f"/api/v1/referrals/{self.referral_id}"
        network.post("coordinator", f"{at}/acknowledgement")
        self.person_id = str(network.post("coordinator", f"{at}/acceptance")["person_id"])
        # The group codes of a day are stated when it is over.
        network.later(days=1)
        network.quiet()
        network.people["person"] = network.as_person(self.person_id)
        asha = network.people["asha"].who.id
        body = {"referral_id": self.referral_id, "peer_ids": [asha], "has_asked": True}
        match = network.post("coordinator", "/api/v1/matches", body)["match_id"]
        answers = f"/api/v1/matches/{match}"
        for side, answer in (("peer", "could"), ("person", "yes")):
            said = {"peer_id": asha, "side": side, "answer": answer, "how": "by_phone"}
            network.post("coordinator", f"{answers}/answers", said)
        self._meets_once(network, match)
        network.quiet()
        (support,) = network.get("asha", "/api/v1/supports")
        self.support_id = support["support_id"]
        self._is_supported(network, f"/api/v1/supports/{self.support_id}")
        network.quiet()

    def _leaves_something_waiting(self, network: Network) -> None:
        """A fact with the person's sealed texts comes far ahead of its turn, and is kept by whoever hears it."""
        with network["referrals"].reading() as unit:
            accepted = sa.select(tables.facts).where(tables.facts.c.type == "referral.accepted.v1")
            row = unit.connection.execute(accepted).one()
        texts = {**json.loads(row.headers), "ce_streamseq": "99", "ce_id": network.ids.new()}
        carrier = network.house.shared.bus.publisher("ahead")
        carrier.publish("referrals", [Message(row.stream, as_bytes(texts), row.body.encode())])

    def _meets_once(self, network: Network, match: str) -> None:
        offer = f"/matching/offers/{match}"
        for form, fields in ((f"{offer}/taster", {}), (f"{offer}/agreement", {"answer": "yes"})):
            assert network.people["asha"].form(form, fields).status_code == 303
        agreed = network.people["person"].form(f"/my/match/{match}/agreement", {"answer": "yes"})
        assert agreed.status_code == 303, agreed.get_data(as_text=True)

    def _is_supported(self, network: Network, at: str) -> None:
        network.post("asha", f"{at}/start", {})
        network.post("asha", f"{at}/contacts", {"kind": "made", "mode": "phone", "note": NOTE}, Idempotency_Key="c" * 9)
        network.post("asha", f"{at}/connections", {"kind": "group", "what": PLACE}, Idempotency_Key="d" * 9)

    def screens(self) -> dict[str, Any]:
        """What each who may open something of the person sees of them."""
        asked = {
            "referral": ("coordinator", f"/referrals/{self.referral_id}"),
            "referrals": ("coordinator", "/referrals"),
            "of the partner": ("system", f"/api/v1/referrals/{self.referral_id}"),
            "timeline": ("coordinator", f"/timelines/{self.referral_id}"),
            "support": ("asha", f"/support/{self.support_id}"),
            "supports": ("coordinator", "/support"),
            "own": ("person", "/my/referral"),
            "worry": ("safeguarding", self.worry),
            "demo": ("coordinator", "/demo?show=people"),
        }
        people_ = self.network.people
        return {
            name: people_[who].api("GET", path) if path.startswith("/api") else people_[who].page(path)
            for name, (who, path) in asked.items()
        }

    def seen(self) -> str:
        return "\n".join(one.get_data(as_text=True) for one in self.screens().values())

    def tokens(self) -> dict[str, str]:
        """A sealed text of the person of each class there is, as facts and records hold it."""
        found: dict[str, str] = {}
        for service in self.network.house.services.values():
            with service.reading() as unit:
                for table in (tables.facts, *service_tables(service)):
                    for row in unit.connection.execute(sa.select(table)):
                        for text in _texts(row):
                            if f".{self.person_id}." in text:
                                found[text.split(".")[1].partition("~")[0]] = text
        return found

    def wrapped(self) -> list[bytes]:
        """The person's keys as the key store keeps them."""
        with self.network.house.shared.keys.database.reading() as connection:
            rows = connection.execute(sa.select(keys).where(keys.c.owner_id == self.person_id)).all()
        return [row.wrapped for row in rows if row.wrapped]

    def counted(self) -> Any:
        """Everything reporting counts, before anything is hidden, for the region and each area; and the report."""
        with self.network["reporting"].reading() as unit:
            pictures = drawing.look(unit, unit.now).pictures
        shown = self.network.get("commissioner", f"/api/v1/reports/{MORNING:%Y-%m}")["figures"]
        return {
            area: {name: sorted(map(repr, part)) for name, part in vars(picture).items()}
            for area, picture in pictures.items()
        }, shown

    def forget(self, who: Caller | None = None) -> int:
        return forget_person(who or self.officer, self.second, self.person_id)


def service_tables(service: Service) -> list[sa.Table]:
    """The tables of a room's own."""
    found: dict[str, sa.Table] = {}
    for projection in service.parts.projections:
        found.update(projection.table.metadata.tables)
    return list(found.values())


def _texts(row: Any) -> Iterator[str]:
    for value in row:
        if isinstance(value, str):
            yield from re.findall(r"s1\.[A-Za-z_~.]+\.[0-9a-f-]{36}\.[A-Za-z0-9_-]+", value)
