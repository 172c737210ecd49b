"""What nobody may guess comes from the system's own source of chance, and is long enough."""

from __future__ import annotations

from math import log2

import pytest

from chassis.ids import RandomIds, new_secret, new_token
from services.partners.actions.proving import new_recovery_codes, new_totp_secret


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes were drawn from the system, draw by draw; every draw gives the same byte."""
    sizes: list[int] = []

    def draw(size: int | None = None) -> bytes:
        sizes.append(size or 32)
        return b"\x05" * (size or 32)

    monkeypatch.setattr("chassis.ids.secrets.token_bytes", draw)
    return sizes


def test_a_token_of_a_session_an_invitation_or_a_key_has_256_bits_of_the_systems_chance(drawn: list[int]) -> None:
    assert new_token() == new_token() == "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
    assert new_secret() == b"\x05" * 32
    assert drawn == [32, 32, 32]


def test_the_secret_of_a_second_factor_has_160_bits_of_the_systems_chance(drawn: list[int]) -> None:
    assert new_totp_secret() == "AUCQKBIFAUCQKBIFAUCQKBIFAUCQKBIF"
    assert drawn == [20]


def test_recovery_codes_have_24_letters_each_of_the_systems_chance(drawn: list[int]) -> None:
    assert set(new_recovery_codes()) == {"ffff-ffff-ffff-ffff-ffff-ffff"}
    assert drawn == [24] * 10


def test_recovery_codes_are_too_long_to_be_found_from_a_plain_hash() -> None:
    # The commonest letters of 31 come up 9 times in 256 bytes; 112 bits is where ASVS 6.5.2 lets a plain hash be.
    letters = min(len(code.replace("-", "")) for code in new_recovery_codes())
    assert letters * log2(256 / 9) >= 112


def test_recovery_codes_differ_and_use_the_whole_alphabet() -> None:
    codes = [code for _ in range(20) for code in new_recovery_codes()]
    assert len(set(codes)) == 200
    assert len(set("".join(codes)) - {"-"}) == 31
    assert {len(code) for code in codes} == {29}


def test_ids_of_names_cannot_be_worked_out_without_the_secret() -> None:
    of_one = RandomIds("a secret").named("login", "asha@example.org")
    assert of_one == RandomIds("a secret").named("login", "asha@example.org")
    assert of_one != RandomIds("another secret").named("login", "asha@example.org")
