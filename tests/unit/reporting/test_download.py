"""A downloaded cell is never taken for a formula by a spreadsheet."""

from __future__ import annotations

from typing import Any

import pytest

from services.reporting.pages import safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1"])
def test_what_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize(("value", "written"), [(None, ""), (0, "0"), (45, "45"), ("[c]", "[c]"), ("2026", "2026")])
def test_anything_else_stays_as_it_is(value: Any, written: str) -> None:
    assert safe_cell(value) == written
