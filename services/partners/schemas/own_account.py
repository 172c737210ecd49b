"""The shapes of what somebody changes of their own account."""

from __future__ import annotations

from chassis.web.fields import Strict, Words
from services.partners.schemas import Password


class OwnPasswordSchema(Strict):
    """The password somebody has, and the one they want."""

    password = Password(required=True)
    new_password = Password(required=True, error_messages={"required": "Enter a new password."})


class ProofSchema(Strict):
    """What somebody shows before they change how they sign in: their password, and a code where they have one."""

    password = Password(required=True)
    code = Words(most=40, load_default="")


class EndSessionSchema(Strict):
    """Which session ends, by its handle, or `others`; and the password of whoever has one."""

    session = Words(least=1, most=64, required=True, error_messages={"required": "Choose what should end."})
    password = Password(load_default="")
