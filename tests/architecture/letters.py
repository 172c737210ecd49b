"""A made-up fact for the tests of contracts: `letter.sent`, with the usual fields or some of them changed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from contracts import fact as declared
from contracts.fact import Code, Seal, fact


def a_letter(version: int = 1, /, *, says: str = "A letter went out.", about: Any = None, **fields: Any) -> Any:
    """The fact `letter.sent` with the usual fields, some of them changed; `None` takes one out."""
    usual: dict[str, Any] = {
        "letter_id": str,
        "pages": int,
        "sent_at": datetime,
        "way": Annotated[str, Code(("post", "hand"))],
        "called": Annotated[str, Seal("called")],
        "peer_ids": tuple[str, ...],
        "note_code": (str | None, None),
    }
    body: dict[str, Any] = {"__doc__": says, "__annotations__": {}}
    for name, given in {**usual, **fields}.items():
        if given is None:
            continue
        holds, *default = given if isinstance(given, tuple) else (given,)
        body["__annotations__"][name] = holds
        if default:
            body[name] = default[0]
    given_about = {"owner": "partners", **(about or {})}
    declared.CATALOGUE.pop(f"letter.sent.v{version}", None)
    return fact(f"letter.sent.v{version}", **given_about)(type("LetterSent", (), body))
