"""What is wrong with a pair of answers: an error of ours, a hang, two verdicts, or words that must not be there."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import unquote_plus

from tests.fuzz.corpus import CANARY
from tests.fuzz.doors import Door
from tests.fuzz.pair import Answer

ERROR, HANG, DIFFERENT = "server errors", "hangs", "different verdicts"
ECHO, INSIDE, TAKEN = "answers that repeat", "answers that tell of the inside", "taken against the rules"
KINDS = (ERROR, HANG, DIFFERENT, ECHO, INSIDE, TAKEN)
# The house cannot answer this for good reason; 501 is a refusal of ours, 503 would be a part that is away.
_REFUSALS = frozenset({501})
# What tells of the inside: a trace, a statement, a path of a machine, the name of a library or of one of its errors.
_INSIDE = re.compile(
    rb"Traceback|File \"|\bat line \d+ in\b|\.py\b|site-packages"
    rb"|sqlalchemy|psycopg|sqlite3?\b|marshmallow|werkzeug|jinja2?\b"
    rb"|\bSELECT\s.+\sFROM\b|INSERT INTO|UPDATE \w+ SET|DETAIL:"
    rb"|/tmp/|(?<!services)/home/|/usr/|/root/|/var/lib|<class '|object at 0x"
    rb"|(?:Value|Key|Type|Attribute|Index|Unicode\w*|Recursion|Integrity|Operational|Programming|Data)Error",
)
# Where a form shows what was typed to whoever typed it (docs/decisions/0028-fuzzing.md).
_TYPED = re.compile(rb'\svalue="[^"]*"|<textarea\b[^>]*>.*?</textarea>', re.DOTALL)
# A form that was refused, one that comes back after signing out, and one whose page was opened in another way.
_FORM_AGAIN = frozenset({401, 403, 409, 422})
_CANARY = CANARY.lower()


def judge(answers: Mapping[str, Answer], door: Door | None, must: frozenset[int]) -> set[str]:
    """The kinds of wrong in the answers of both houses to one case; `must` holds the answers the case may get."""
    found: set[str] = set()
    verdicts = {one.verdict for one in answers.values()}
    if len(verdicts) > 1:
        found.add(DIFFERENT)
    for one in answers.values():
        found |= _wrong(one, door, must)
    return found


def _wrong(one: Answer, door: Door | None, must: frozenset[int]) -> set[str]:
    found: set[str] = set()
    if one.hung:
        found.add(HANG)
    elif one.status >= 500 and one.status not in _REFUSALS:
        found.add(ERROR)
    if must and one.status not in must and not one.hung:
        found.add(TAKEN)
    if _INSIDE.search(one.body) and one.kind != "text/css":
        found.add(INSIDE)
    if repeats(one, gives_back=door is not None and door.good.gives_back):
        found.add(ECHO)
    return found


def repeats(one: Answer, *, gives_back: bool = False) -> bool:
    """Whether an answer holds the canary where it may not.

    A form may show it in its own fields again; a record that was made may be given back where its schema says so.
    """
    if any(_holds(f"{name}: {text}".encode()) for name, text in one.headers):
        return True
    body = one.body
    if one.kind == "text/html" and one.status in _FORM_AGAIN:
        body = _TYPED.sub(b"", body)
    return _holds(body) and not (gives_back and one.status < 300)


def _holds(text: bytes) -> bool:
    said = text.decode("utf-8", "replace").lower()
    return _CANARY in said or _CANARY in unquote_plus(html.unescape(said)).lower()


def reached(one: Answer) -> bool:
    """Whether a case got as far as what the door reads by: taken, or refused for what stands in it."""
    return one.status < 400 or one.status in {409, 422}
