"""A partners room that is asked for notices, and whatever carries them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.access import service_scope
from contracts.notices import NoticeAsked
from services.partners.actions import notices as actions
from services.partners.domain.notices import EMAIL, SMS, TAKEN
from services.partners.store.tables import notices
from services.partners.ways import Letter
from tests.builders import Caller, TestHouse, a_house
from tests.integration.partners.conftest import Partners

ASHA = "asha@example.org"
PHONE = "07700900123"
REACH = {"email": ASHA, "phone": PHONE, "channel": "email", "quiet_from": "21", "quiet_until": "8", "is_discreet": "no"}


class HandWay:
    """Takes letters by hand: what it says to each is told beforehand, and `does` happens while it holds one."""

    def __init__(self) -> None:
        self.says: list[str] = []
        self.letters: list[Letter] = []
        self.does: Callable[[], None] = lambda: None

    def hand_over(self, letter: Letter) -> str:
        """Keeps the letter, and says what comes next; that it is taken, when nothing was told."""
        self.letters.append(letter)
        self.does()
        return self.says.pop(0) if self.says else TAKEN


class Post(Partners):
    """The partners room with one organisation, Asha who is a peer there, and hand ways for both channels."""

    def __init__(self, house: TestHouse) -> None:
        super().__init__(house)
        self.mail, self.texts = HandWay(), HandWay()
        self.room.app.extensions["notices"].ways = {EMAIL: self.mail, SMS: self.texts}
        self.partner_id = self.joined()
        self.asha_id = self.account(email=ASHA)

    @property
    def room(self) -> Any:
        """The running service."""
        return self.house["partners"]

    def account(self, *roles: str, called: str = "Asha", **more: str) -> str:
        """The id of an account that was opened."""
        opened = self.open(self.network, self.partner_id, *(roles or ("peer",)), called=called, **more)
        assert opened.status_code == 201, opened.get_json()
        return str(opened.get_json()["account_id"])

    def as_asha(self) -> Caller:
        """Asha, signed in."""
        return self.house.as_("peer", partner_id=self.partner_id, id=self.asha_id)

    def reach(self, **changes: str) -> Any:
        """Asha says how she is reached."""
        return self.as_asha().form("/partners/how-we-reach-you", {**REACH, **changes})

    def ask(
        self, name: str, *, to: str = "", template: str = "offer", reason: str = "offer", due_at: datetime | None = None
    ) -> str:
        """Another room's asking is heard; gives the notice's id."""
        notice_id = str(self.room.ids.named("notice", name))
        fact = NoticeAsked(
            notice_id=notice_id, recipient_id=to or self.asha_id, template=template,
            due_at=due_at or self.clock.now(), reason=reason,
        )  # fmt: skip
        with self.room.writing(scope=service_scope("partners")) as unit:
            self.room.parts.reactions[NoticeAsked](unit, fact)
        return notice_id

    def send(self) -> int:
        """One round."""
        done: int = self.room.app.extensions["notices"].send_due()
        return done

    def tick(self) -> None:
        """Every clock once."""
        self.room.tick()

    def state(self, notice_id: str) -> str:
        """Where a notice stands."""
        return str(self.row(notice_id).state)

    def row(self, notice_id: str) -> Any:
        """The notice as it is kept."""
        with self.room.reading(scope=service_scope("partners")) as unit:
            return unit.connection.execute(sa.select(notices).where(notices.c.notice_id == notice_id)).one()

    def says(self, notice_id: str) -> list[str]:
        """The kinds of facts stated of a notice, in their order."""
        from chassis.tables import facts

        with self.room.reading(scope=service_scope("partners")) as unit:
            query = sa.select(facts.c.type).where(facts.c.stream == actions.stream(notice_id)).order_by(facts.c.number)
            return [str(type_).removeprefix("notice.").removesuffix(".v1") for type_ in unit.connection.scalars(query)]


def a_post(folder: Path, **changes: Any) -> Post:
    """A post of a house in a folder of its own."""
    return Post(a_house(folder, "partners", **changes))
