"""What each of two real processes does in the race for one number: at the token door, and the way not to do it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.rows import insert_or_ignore
from services.partners.store.tables import used_numbers
from tests.builders import MORNING, TestHouse, a_house
from tests.integration.partners.signing import GRANT, KIND, ORIGIN, TOKEN

WAIT_SECONDS = 120


def at_the_door(data: Path, changes: dict[str, Any], statements: Sequence[str], barrier: Any, told: Any) -> None:
    """Sends each statement at the moment the other process does; tells the status of each answer."""
    from werkzeug.test import Client

    house: TestHouse = a_house(data, "partners", origin=ORIGIN, **changes)
    door, answers = Client(house.house), []
    for number, statement in enumerate(statements):
        form = {"grant_type": GRANT, "client_assertion_type": KIND, "client_assertion": statement}
        barrier.wait(WAIT_SECONDS)
        answer = door.post(TOKEN, data=form, environ_base={"REMOTE_ADDR": f"10.0.{number}.1"})
        answers.append((answer.status_code, answer.get_json().get("error_description", "")))
    house.close()
    told.put(answers)


def look_then_add(url: str, system_id: str, rounds: int, barrier: Any, told: Any) -> None:
    """The mistake: looks whether a number is there, and adds it when it is not; tells in which rounds it won."""
    database, won = Database(url), []
    for number in range(rounds):
        row = {"system_id": system_id, "number": f"looked for {number}", "until": MORNING}
        same = (used_numbers.c.system_id == system_id, used_numbers.c.number == row["number"])
        barrier.wait(WAIT_SECONDS)
        with database.reading() as connection:
            is_there = connection.execute(sa.select(used_numbers).where(*same)).first() is not None
        # What lies between looking and adding on any busy day.
        barrier.wait(WAIT_SECONDS)
        if not is_there:
            with database.writing() as connection:
                insert_or_ignore(connection, used_numbers, [row])
            won.append(number)
    database.close()
    told.put(won)
