"""How a good request is written down: of the API, or of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fuzz.knocks import FORM, JSON, KEY, Good

_KEYED = {"Idempotency-Key": KEY}
_OUR_FORM = {"Sec-Fetch-Site": "same-origin"}
_DAY_PARTS = {"day": "22", "month": "3", "year": "2026"}


def api(who: str, body: Any = None, *, gives_back: bool = False, keyed: bool = False, **at: str) -> Good:
    """A request of the API; `at` are the ids in its address."""
    return Good(who, at, body, JSON, _KEYED if keyed else {}, gives_back)


def form(who: str, body: Mapping[str, Any] | None = None, **at: str) -> Good:
    """A form of one of our own pages."""
    return Good(who, at, body, FORM, _OUR_FORM)


def day(name: str) -> dict[str, str]:
    """The three fields of a day."""
    return {f"{name}-{part}": text for part, text in _DAY_PARTS.items()}
