"""Whom a person named as those who must not be told, read from the opened text; nothing of it fails once it is gone."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.sealing import REDACTED
from contracts.needs import must_not_be_told


def test_it_names_each_account_once() -> None:
    assert must_not_be_told({"conflicts": ["a", "b", "a"], "note_code": "check"}) == {"a", "b"}


@pytest.mark.parametrize("opened", [REDACTED, None, {}, {"note_code": "none"}, {"conflicts": None}, {"conflicts": []}])
def test_nobody_is_named_by_a_text_that_is_gone_or_names_nobody(opened: Any) -> None:
    assert must_not_be_told(opened) == frozenset()
