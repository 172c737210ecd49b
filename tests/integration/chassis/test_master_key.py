"""The master key kept by a transit engine: it alone wraps, learns nothing it need not, and may be away for a while."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import epochs as of_epochs
from chassis import granted, transit
from chassis.clock import HandClock
from chassis.epochs import epochs
from chassis.keys import Keys
from chassis.master import FileMaster, MasterKeyAway, MasterKeyShort, MasterKeyUnknown, MovedMaster
from chassis.serve import share
from chassis.settings.vault import VaultSettings
from chassis.transit import TransitMaster
from tests.builders import MORNING, TestHouse, a_house, a_referral, a_settings
from tests.parts.certificates import write_certificates
from tests.parts.transit import AWAY, TOKEN, Transit

PAIRS = [("p1", "called"), ("p2", "needs")]
SECRET = "a master secret for these tests only"


@pytest.fixture
def vault() -> Iterator[Transit]:
    made = Transit()
    yield made
    made.close()


def settings_of(vault: Transit, folder: Path, **changes: Any) -> VaultSettings:
    token = folder / "token"
    token.write_text(f"{TOKEN}\n")
    token.chmod(0o600)
    return VaultSettings(**{"address": vault.address, "token_file": token, **changes})


@pytest.fixture
def master(vault: Transit, tmp_path: Path) -> TransitMaster:
    return TransitMaster(settings_of(vault, tmp_path))


def a_store(url: str, master: Any) -> Keys:
    made = Keys(url, master, HandClock(MORNING))
    made.prepare()
    return made


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return (
        f"sqlite:///{tmp_path}/keys.sqlite"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres").empty()
    )


def test_keys_open_by_the_engine_and_it_is_asked_once_by_each_process(
    vault: Transit, master: TransitMaster, url: str
) -> None:
    store = a_store(url, master)
    made = store.make(PAIRS)
    for number in range(20):
        store.make([(f"q{number}", "called")])
    assert [what for what, _ in vault.asked] == ["encrypt", "decrypt"]
    other = a_store(url, master)
    assert other.fetch(PAIRS) == made
    assert [what for what, _ in vault.asked] == ["encrypt", "decrypt", "decrypt"]
    # It learns epoch keys, and never one of a human being's.
    learnt = {sent.get("plaintext") for _, sent in vault.asked} - {None}
    assert len(learnt) == 1
    assert not learnt & {base64.b64encode(key).decode() for key in made.values()}
    store.rotate()
    assert other.fetch(PAIRS) == made
    assert store.standing().wrapped_by == "vault transit/beenthere"
    vault.rotate()
    again = a_store(url, master)
    assert again.fetch(PAIRS) == made
    for one in (store, other, again):
        one.database.close()


def test_what_was_wrapped_for_one_thing_opens_for_no_other(vault: Transit, master: TransitMaster) -> None:
    wrapped = master.wrap(b"k" * 32, b"epoch|1")
    assert master.unwrap(wrapped, b"epoch|1") == b"k" * 32
    others = FileMaster(SECRET).wrap(b"k" * 32, b"epoch|1")
    for text, about in ((wrapped, b"epoch|2"), (wrapped[:-8] + b"AAAAAAA=", b"epoch|1"), (others, b"epoch|1")):
        with pytest.raises(MasterKeyUnknown):
            master.unwrap(text, about)
    assert others not in [sent.get("ciphertext", "").encode() for _, sent in vault.asked]


@pytest.mark.parametrize("how", [*AWAY, "hangs", "gone", "another token", "another key"])
def test_however_it_is_away_it_is_said_in_time_and_tried_again(
    vault: Transit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(transit, "CALL_SECONDS", 0.3)
    settings = settings_of(vault, tmp_path, key="unknown" if how == "another key" else "beenthere")
    master = TransitMaster(settings)
    wrapped = b"vault:v1:AAAA"
    vault.how = how
    if how == "gone":
        vault.close()
    if how == "another token":
        vault.token = "hvs.another"
    with pytest.raises(MasterKeyAway):
        master.wrap(b"k" * 32, b"epoch|1")
    if how != "another key":
        with pytest.raises(MasterKeyAway):
            master.unwrap(wrapped, b"epoch|1")
    if how == "another token":
        # An agent writes a new one into the file; nobody starts anything again.
        settings.token_file.write_text("hvs.another")  # type: ignore[union-attr]
        assert master.wrap(b"k" * 32, b"epoch|1").startswith(b"vault:v1:")


def test_only_an_engine_our_authority_vouches_for_is_asked(tmp_path: Path) -> None:
    authority, chain = write_certificates(tmp_path)
    guarded = Transit(chain)
    try:
        known = TransitMaster(settings_of(guarded, tmp_path, ca=authority))
        assert known.unwrap(known.wrap(b"k" * 32, b"x"), b"x") == b"k" * 32
        asked = len(guarded.asked)
        with pytest.raises(MasterKeyAway):
            TransitMaster(settings_of(guarded, tmp_path)).wrap(b"k" * 32, b"x")
        assert len(guarded.asked) == asked
    finally:
        guarded.close()


def test_from_a_file_to_the_engine_and_the_file_is_needed_until_the_keys_are_rotated(
    master: TransitMaster, url: str
) -> None:
    store = a_store(url, FileMaster(SECRET))
    made = store.make(PAIRS)
    store.database.close()
    moved = a_store(url, MovedMaster(master, FileMaster(SECRET)))
    assert moved.fetch(PAIRS) == made
    alone = a_store(url, master)
    with pytest.raises(MasterKeyUnknown):
        alone.fetch(PAIRS)
    assert moved.rotate() == 2
    assert alone.fetch(PAIRS) == made
    with alone.database.reading() as connection:
        (wrapped,) = connection.execute(sa.select(epochs.c.wrapped).where(epochs.c.wrapped.is_not(None))).scalars()
    assert wrapped.startswith(b"vault:v1:")
    for one in (moved, alone):
        one.database.close()


@pytest.mark.parametrize("text", ["", "\n", "short", "x" * 31, f"{'x' * 40}\nshort"])
def test_a_master_key_anyone_could_guess_is_refused(text: str) -> None:
    with pytest.raises(MasterKeyShort):
        FileMaster(text)


# ---- a house while it is away


class HandWatch:
    """Stands for the time that passes in memory."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 1000.0
        for module in (of_epochs, granted):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.at))


def send(house: TestHouse, number: int) -> Any:
    body, key = a_referral(), f"while it is away {number}"
    return house.as_system(house.partner_id).api("POST", "/api/v1/referrals", body, Idempotency_Key=key)  # type: ignore[attr-defined]


def test_with_the_engine_away_referrals_are_taken_and_read_for_an_hour_and_no_room_starts(
    vault: Transit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = HandWatch(monkeypatch)
    set_up = settings_of(vault, tmp_path)
    house = a_house(tmp_path / "var", "referrals", vault=set_up)
    house.partner_id = house.ids.new()  # type: ignore[attr-defined]
    page = f"/referrals/{send(house, 1).get_json()['referral_id']}"
    vault.how = "sealed"
    asked = len(vault.asked)
    for minutes, status in ((1, 201), (30, 201), (59, 201), (61, 503)):
        watch.at = 1000.0 + minutes * 60
        answer = send(house, minutes + 1)
        assert answer.status_code == status, (minutes, answer.get_json())
        assert house.as_("coordinator").page(page).status_code == (200 if status == 201 else 503), minutes
    assert answer.get_json()["rule"] == "MasterKeyAway"
    assert int(answer.headers["Retry-After"]) > 0
    assert "Vault" not in answer.get_data(as_text=True)
    assert len(vault.asked) == asked
    # A house that starts now cannot: it says so, and tries again when it is started again.
    with pytest.raises(MasterKeyAway):
        share(a_settings(tmp_path / "var", vault=set_up))
    # It is back, and so is everything, by itself.
    vault.how = ""
    assert send(house, 99).status_code == 201
    assert "Jordan" in house.as_("coordinator").page(page).text
    assert not (tmp_path / "var" / "master.key").exists()
    house.close()
