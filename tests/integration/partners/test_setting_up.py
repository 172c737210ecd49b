"""A network begins: two people are invited by links shown once, on a fresh folder, and it begins only once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chassis.clock import SystemClock
from services.__main__ import main
from tests.builders import a_house
from tests.integration.partners.test_signing_in import PASSWORD, Browser, secret_in, token_in


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEENTHERE_DEMO", "no")
    monkeypatch.setenv("BEENTHERE_LOG_LEVEL", "error")


def set_up(data: Path, **changes: str) -> Result:
    asked = {
        "name": "Host Trust", "code": "host", "kind": "nhs_body", "area": "north", "ods-code": "RZ999",
        "agreement-ends": "2028-01-01", "lead": "Ada ada@example.org", "administrator": "Ben ben@example.org",
        **changes,
    }  # fmt: skip
    words = ["set-up", "--data", str(data)]
    for name, text in asked.items():
        words += [f"--{name}", *(text.split() if name in {"lead", "administrator"} else [text])]
    return CliRunner().invoke(main, words)


def test_two_people_are_invited_and_come_in_with_password_and_code(tmp_path: Path) -> None:
    done = set_up(tmp_path)
    assert done.exit_code == 0, done.output
    links = re.findall(r"(\w+): http://127\.0\.0\.1:8400(/sign-in/invitation/[\w-]{43})", done.output)
    assert [called for called, _ in links] == ["Ada", "Ben"]
    house = a_house(tmp_path, "partners", demo=False, at=SystemClock().now())
    for called, path in links:
        browser = Browser(house)
        assert f"Welcome, {called}" in browser.opens(path).text
        factor = browser.sends(path, password=PASSWORD)
        code = browser.code_of(secret_in(factor))
        done_page = browser.sends("/sign-in/factor", token=token_in(factor), code=code, to="/partners")
        assert "Keep these codes" in done_page.text
        page = browser.opens("/partners")
        assert "Host Trust" in page.text
    house.close()


def test_a_network_begins_once(tmp_path: Path) -> None:
    assert set_up(tmp_path).exit_code == 0
    again = set_up(tmp_path)
    assert again.exit_code == 2
    assert "This network was begun before" in again.output


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"administrator": "Ben ADA@example.org"}, "two people with two e-mail addresses"),
        ({"lead": "Ada ada-example.org"}, "email: Enter an e-mail address"),
        ({"ods-code": "x"}, "ods_code: An ODS code is 3 to 8 letters and digits"),
        ({"agreement-ends": "2020-01-01"}, "agreement.ends_on:"),
    ],
)
def test_a_faulty_beginning_is_refused_in_words_and_keeps_nothing(
    tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    refused = set_up(tmp_path, **changes)
    assert refused.exit_code == 2
    assert says in refused.output
    assert "invitation" not in refused.output
    assert set_up(tmp_path).exit_code == 0
