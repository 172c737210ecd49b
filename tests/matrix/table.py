"""The verdicts of `tests/matrix.csv`, said by hand: one row a rule, the most specific wins, ties may not disagree."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from contracts.roles import NARROWED, ROLES

PLACE = Path(__file__).parents[1] / "matrix.csv"
ANY = "*"
COLUMNS = ("what", "method", "role", "relation", "state", "verdict", "because")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

IN, SIGN_IN, NOT_ALLOWED, NOT_FOUND, SUSPENDED, LATER = (
    "in", "sign in", "not allowed", "not found", "suspended", "later",
)  # fmt: skip
SHOWN, NOT_SHOWN = "shown", "not shown"
VERDICTS = (IN, SIGN_IN, NOT_ALLOWED, NOT_FOUND, SUSPENDED, LATER, SHOWN, NOT_SHOWN)

# Beside the roles: nobody; a pass whose session ended, whose account was closed, whose role ended, whose key was
# called back.
NOBODY, ENDED, CLOSED, CHANGED, REVOKED = "nobody", "ended", "closed", "changed", "revoked"
OUT = (NOBODY, ENDED, CLOSED, CHANGED, REVOKED)
# Somebody with several roles gets what the best of them gets; the order says which refusal is told.
TWO_ROLES = (("referrer", "peer"), ("coordinator", "partner_lead"))
BEST_FIRST = (IN, SHOWN, LATER, NOT_SHOWN, NOT_FOUND, SUSPENDED, NOT_ALLOWED, SIGN_IN)

OWN, OF_PARTNER, OF_OTHERS, MISSING, NONE = "own", "partner", "another", "missing", "none"
RELATIONS = (OWN, OF_PARTNER, OF_OTHERS, MISSING, NONE)
ORDINARY, PROTECTED, WITHDRAWN, KEPT, HELD, STALE = (
    "ordinary", "protected", "withdrawn", "kept", "suspended", "stale",
)  # fmt: skip
STATES = (ORDINARY, PROTECTED, WITHDRAWN, KEPT, HELD, STALE)
# What a filled column counts for: an address is narrower than an action, and a state the exception to all else.
_ADDRESS, _STATE = 2, 6


class Unfit(ValueError):
    """The file says something that cannot be meant."""


@dataclass(frozen=True)
class Cell:
    """One thing that is asked: by which method, of which address and action, as whom, of whose, in which state."""

    action: str
    rule: str
    method: str
    role: str
    relation: str
    state: str


@dataclass(frozen=True)
class Row:
    """One rule; an empty tuple stands for `*`."""

    line: int
    what: str
    method: tuple[str, ...]
    role: tuple[str, ...]
    relation: tuple[str, ...]
    state: tuple[str, ...]
    verdict: str

    @property
    def is_address(self) -> bool:
        """Whether it is about an address and not about an action."""
        return self.what.startswith("/")

    @property
    def weight(self) -> int:
        """How specific it is."""
        of_what = 0 if self.what == ANY else _ADDRESS if self.is_address else 1
        return of_what + sum(map(bool, (self.method, self.role, self.relation))) + (_STATE if self.state else 0)

    @property
    def is_of_lists(self) -> bool:
        """Whether it says what a list shows, and not who comes in."""
        return self.verdict in {SHOWN, NOT_SHOWN}

    def concerns(self, cell: Cell) -> bool:
        """Whether it is about the address or the action."""
        return fnmatchcase(cell.rule, self.what) if self.is_address else self.what in {ANY, cell.action}

    def reaches(self, cell: Cell) -> bool:
        """Whether it decides a cell, unless a narrower one does."""
        if not self.concerns(cell):
            return False
        filled = (
            (self.method, cell.method), (self.role, cell.role), (self.relation, cell.relation),
            (self.state, cell.state),
        )  # fmt: skip
        return all(not said or one in said for said, one in filled)


class Table:
    """All rows; `verdict` is looked up, `decided` are the lines that something fell to."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)
        self.decided: set[int] = set()

    @classmethod
    def read(cls, actions: Iterable[str], place: Path = PLACE) -> Table:
        """Reads the file; refuses an unknown word in any column."""
        known = {"action": {ANY, *actions}}
        with place.open(newline="") as file:
            lines = csv.DictReader(file)
            if tuple(lines.fieldnames or ()) != COLUMNS:
                raise Unfit(f"the columns are {COLUMNS}")
            return cls([_row(number, one, known["action"]) for number, one in enumerate(lines, 2)])

    def verdict(self, cell: Cell, *, of_lists: bool = False) -> str | None:
        """What must happen; None when no row reaches it. Raises Unfit when rows as narrow as each other disagree."""
        roles = cell.role.split("+")
        found = [self._of_one(Cell(**{**vars(cell), "role": role}), of_lists) for role in roles]
        said = [verdict for verdict in found if verdict is not None]
        return min(said, key=BEST_FIRST.index) if len(said) == len(roles) else None

    def _of_one(self, cell: Cell, of_lists: bool) -> str | None:
        reaching = [row for row in self.rows if row.is_of_lists == of_lists and row.reaches(cell)]
        if not reaching:
            return None
        most = max(row.weight for row in reaching)
        narrowest = [row for row in reaching if row.weight == most]
        if len({row.verdict for row in narrowest}) > 1:
            raise Unfit(f"lines {sorted(row.line for row in narrowest)} disagree about {cell}")
        self.decided |= {row.line for row in narrowest}
        return narrowest[0].verdict

    def names(self, cell: Cell) -> bool:
        """Whether a rule says something of this action or address; that nothing is said is the first rule alone."""
        return any(row.what != ANY and not row.is_of_lists and row.concerns(cell) for row in self.rows)


def _row(line: int, given: dict[str, str], actions: set[str]) -> Row:
    what = given["what"]
    if not what.startswith("/") and what not in actions:
        raise Unfit(f"line {line}: there is no action {what}")
    if given["verdict"] not in VERDICTS:
        raise Unfit(f"line {line}: there is no verdict {given['verdict']}")
    if not given["because"]:
        raise Unfit(f"line {line} says no reason")
    known = {"method": METHODS, "role": (*ROLES, *NARROWED, *OUT), "relation": RELATIONS, "state": STATES}
    said: dict[str, tuple[str, ...]] = {}
    for name, words in known.items():
        said[name] = () if given[name] == ANY else tuple(given[name].split("|"))
        if unknown := set(said[name]) - set(words):
            raise Unfit(f"line {line}: there is no {name} {sorted(unknown)}")
    return Row(line, what, said["method"], said["role"], said["relation"], said["state"], given["verdict"])
