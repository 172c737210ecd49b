"""A password is compared exactly as it was typed, may be long and of any kind, and is kept by a slow hash alone."""

from __future__ import annotations

import threading

import pytest

from services.partners.actions import proving
from services.partners.domain import passwords

PASSWORD = "a walk on wet sand, then home by the long way round the harbour wall and the mill"


def test_a_password_is_the_one_that_was_typed_and_no_other() -> None:
    kept = proving.hash_password(PASSWORD)
    assert len(PASSWORD) > 72
    assert proving.is_password(kept, PASSWORD)
    for other in (PASSWORD.upper(), PASSWORD.title(), f"{PASSWORD} ", f" {PASSWORD}", PASSWORD[:72], PASSWORD[:-1]):
        assert not proving.is_password(kept, other), other


def test_a_password_is_kept_by_argon2id_as_costly_as_agreed() -> None:
    kept = proving.hash_password(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=2$")
    assert kept != proving.hash_password(PASSWORD)


@pytest.mark.parametrize("password", ["short words", "elevenchars"])
def test_less_than_twelve_characters_are_no_password(password: str) -> None:
    with pytest.raises(passwords.PasswordRefused):
        passwords.check(password, is_common=False)


@pytest.mark.parametrize(
    "password",
    [
        "only small letters and spaces", "NURGROSSEBUCHSTABEN", "839217465029183746", "~!@#$%^&*()_+{}|:",
        "ожидание у моря", "👩🏽‍🦱 walks on wet sand", "x y z " * 11,
    ],
)  # fmt: skip
def test_a_password_may_hold_anything_and_64_characters_and_more(password: str) -> None:
    passwords.check(password, is_common=False)
    passwords.check((password * 12)[:128], is_common=False)


def test_two_passwords_are_hashed_at_once_and_the_third_is_told_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "_WAIT_SECONDS", 0.01)
    held = [proving._Turn(), proving._Turn()]
    for turn in held:
        turn.__enter__()
    said: list[type[BaseException]] = []

    def third() -> None:
        try:
            proving.hash_password(PASSWORD)
        except proving.HashingBusy as busy:
            said.append(type(busy))

    beside = threading.Thread(target=third)
    beside.start()
    beside.join()
    for turn in held:
        turn.__exit__()
    assert said == [proving.HashingBusy]
    assert proving.hash_password(PASSWORD)
