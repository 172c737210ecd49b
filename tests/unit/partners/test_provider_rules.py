"""The rules of being signed in by a provider that need no provider: issuers, assurance, passwords beside it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from chassis.errors import Refused
from services.partners.domain import provider as rules


def refused_if(is_refused: bool, kind: type[Refused]) -> AbstractContextManager[Any]:
    return pytest.raises(kind) if is_refused else nullcontext()


@pytest.mark.parametrize(
    ("given", "is_promised", "is_refused"),
    [
        ("https://a.example", True, False),
        ("https://a.example", False, False),
        (None, False, False),
        (None, True, True),
        ("", False, True),
        ("https://a.example/", False, True),
        ("https://A.example", True, True),
        ("https://b.example", False, True),
    ],
)
def test_an_answer_names_its_issuer_where_it_was_promised_and_never_another(
    given: str | None, *, is_promised: bool, is_refused: bool
) -> None:
    with refused_if(is_refused, rules.AnswerRefused):
        rules.check_issuer(given, "https://a.example", is_promised=is_promised)


@pytest.mark.parametrize(
    ("claims", "is_refused"),
    [
        ({"acr": "AAL3_ANY", "level": "3"}, False),
        ({"acr": "AAL2_ANY", "level": 2}, False),
        ({"acr": "AAL2_ANY", "level": "02"}, False),
        ({"acr": "AAL1_USERPASS", "level": "3"}, True),
        ({"acr": None, "level": "3"}, True),
        ({"acr": ["AAL3_ANY"], "level": "3"}, True),
        ({"level": "3"}, True),
        ({"acr": "AAL3_ANY"}, True),
        ({"acr": "AAL3_ANY", "level": "1"}, True),
        ({"acr": "AAL3_ANY", "level": True}, True),
        ({"acr": "AAL3_ANY", "level": 3.0}, True),
        ({"acr": "AAL3_ANY", "level": "-3"}, True),
        ({"acr": "AAL3_ANY", "level": "٣"}, True),
        ({"acr": "AAL3_ANY", "level": "high"}, True),
        ({"acr": "AAL3_ANY", "level": "9" * 5000}, True),
        ({"acr": "AAL3_ANY", "level": ["3"]}, True),
    ],
)
def test_a_level_of_assurance_is_what_was_set_or_more_and_a_claim_that_is_odd_proves_nothing(
    claims: dict[str, Any], *, is_refused: bool
) -> None:
    with refused_if(is_refused, rules.AssuranceTooLow):
        rules.check_assurance(claims, ("AAL2_ANY", "AAL3_ANY"), {"level": 2})


def test_where_no_level_is_set_none_is_asked_for() -> None:
    rules.check_assurance({}, (), {})


@pytest.mark.parametrize(
    ("has_provider", "staff_passwords", "roles", "is_staff", "is_refused"),
    [
        (True, False, {"coordinator"}, True, True),
        (True, False, {"coordinator", "administrator"}, True, False),
        (True, False, {"peer"}, False, False),
        (True, True, {"coordinator"}, True, False),
        (False, False, {"coordinator"}, True, False),
    ],
)
def test_passwords_of_staff_are_off_only_beside_a_provider_and_never_an_administrators(
    roles: set[str], *, has_provider: bool, staff_passwords: bool, is_staff: bool, is_refused: bool
) -> None:
    with refused_if(is_refused, rules.PasswordsAreOff):
        rules.check_password_allowed(
            has_provider=has_provider, staff_passwords=staff_passwords, roles=frozenset(roles), is_staff=is_staff
        )
