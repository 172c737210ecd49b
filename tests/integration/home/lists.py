"""Reads a work list off its page."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of a work list as it is read on the page."""

    says: str
    href: str | None
    hint: str
    is_late: bool


_ITEM = re.compile(r'<li class="nhsuk-task-list__item.*?</li>', re.DOTALL)
_HREF = re.compile(r'href="([^"]*)"')
_HINT = re.compile(r'<div class="nhsuk-task-list__hint"[^>]*>(.*?)</div>', re.DOTALL)
_TAGS = re.compile(r"<[^>]+>")


def lines_of(page: str) -> list[Line]:
    """The lines of a work list on a page."""
    return [_line(found.group()) for found in _ITEM.finditer(page)]


def _line(item: str) -> Line:
    inside = item.split('<div class="nhsuk-task-list__name-and-hint">')[1]
    named, _, status = inside.partition('<div class="nhsuk-task-list__status')
    href, hint = _HREF.search(named), _HINT.search(named)
    return Line(
        says=_words(_HINT.sub("", named)),
        href=href.group(1) if href else None,
        hint=_words(hint.group(1)) if hint else "",
        is_late="Late" in status,
    )


def _words(markup: str) -> str:
    return " ".join(html.unescape(_TAGS.sub(" ", markup)).split())


def says(lines: Sequence[Line]) -> list[str]:
    """The words of some lines."""
    return [line.says for line in lines]
