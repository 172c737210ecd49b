"""What a notice says: plain words from files, the same for everybody, with nothing filled in but our own address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent.parent / "templates" / "partners" / "notices"
# What is said instead to whoever chose a wording that does not say from whom or what about.
_DISCREET, _DISCREET_NOW = "discreet", "discreet_now"
_NOW = frozenset({"urgent_worry"})


@dataclass(frozen=True)
class Words:
    """One notice in words: an e-mail's subject and body, and a text."""

    subject: str
    body: str
    text: str


@cache
def _read(name: str) -> tuple[str, str, str]:
    head, _, body = (_FOLDER / f"{name}.txt").read_text().partition("\n\n")
    subject, text = head.split("\n")
    return subject.removeprefix("Subject: "), text.removeprefix("Text: "), body


def words(template: str, origin: str, *, is_discreet: bool) -> Words:
    """The words of one template; `origin` is where everybody signs in, which a discreet wording leaves out."""
    name = (_DISCREET_NOW if template in _NOW else _DISCREET) if is_discreet else template
    subject, text, body = _read(name)
    return Words(subject, Template(body).substitute(origin=origin), text)
