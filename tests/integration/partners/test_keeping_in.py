"""Around the password: fields that help to use a good one, what a new one ends, and what stands on record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.partners.store import tables
from tests.builders import a_house
from tests.integration.partners.test_signing_in import PASSWORD, SESSION, Browser, Signing, secret_in, token_in

ANOTHER = "two herons by the weir"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Signing]:
    house = a_house(tmp_path, "partners", demo=False)
    yield Signing(house)
    house.close()


def test_a_password_is_hidden_while_it_is_typed_and_may_be_pasted_and_filled_in(room: Signing) -> None:
    _, path = room.invited()
    for page, fills in ((path, "new-password"), ("/sign-in", "current-password")):
        text = Browser(room.house).opens(page).text
        (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', text)
        assert 'type="password"' in field
        assert f'autocomplete="{fills}"' in field
        assert not re.search(r"onpaste|readonly|maxlength", field)


def test_a_password_is_good_for_as_long_as_nobody_has_a_reason_to_change_it(room: Signing) -> None:
    room.with_password()
    room.clock.advance(days=800)
    assert Browser(room.house).signs_in().status_code == 303


def test_a_new_password_ends_every_session_begun_with_the_old_one(room: Signing) -> None:
    account_id, before = room.with_password()
    assert before.opens("/sign-in?to=/work").status_code == 303
    after = Browser(room.house)
    assert after.sends(room.invitation(account_id), password=ANOTHER).status_code == 303
    assert after.opens("/sign-in?to=/work").status_code == 303
    assert before.opens("/sign-in?to=/work").status_code == 200
    assert Browser(room.house).signs_in(PASSWORD).status_code == 401
    assert Browser(room.house).signs_in(ANOTHER).status_code == 303


def test_a_new_password_lets_nobody_past_the_second_factor(room: Signing) -> None:
    account_id, _, _ = room.with_code()
    browser = Browser(room.house)
    step = browser.sends(room.invitation(account_id), password=ANOTHER)
    assert "The six digits your app shows now" in step.text
    assert "Key: <code" not in step.text
    assert not browser.has(SESSION)
    assert browser.sends("/sign-in/code", token=token_in(step), code="000000").status_code == 401
    assert not browser.has(SESSION)


def test_every_try_to_sign_in_is_on_record_with_how_it_went(room: Signing) -> None:
    account_id, browser = room.with_password()
    browser.signs_in("not the right one")
    Browser(room.house).signs_in(email="nobody@example.org")
    assert [(row.subject, row.outcome, row.rule) for row in room.audited("sign_in.try")] == [
        (account_id, "refused", "SignInRefused"), (None, "refused", "SignInRefused"),
    ]  # fmt: skip
    assert [row.subject for row in room.audited("session.begin")] == [account_id]
    assert "nobody@example.org" not in repr(room.rows(tables.failed_tries))


def test_signing_out_has_the_browser_forget_what_it_was_shown(room: Signing) -> None:
    _, browser = room.with_password()
    said = browser.sends("/sign-out").headers["Clear-Site-Data"]
    assert {'"cache"', '"storage"'} <= set(said.split(", "))


def test_a_secret_of_a_second_factor_is_shown_while_it_is_set_up_and_never_again(room: Signing) -> None:
    _, path = room.invited("coordinator")
    secret = secret_in(Browser(room.house).sends(path, password=PASSWORD))
    kept = repr([room.rows(table) for table in tables.metadata.sorted_tables])
    assert secret not in kept
    assert secret not in Browser(room.house).signs_in().text
