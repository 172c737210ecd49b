"""What a fact is: a frozen statement in the past tense, its type, version and owner, and how sensitive each field is.

The chassis turns these classes into bytes and schemas without naming one: it reads only `FACT` and the marks below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, dataclass_transform

T = TypeVar("T")
# Gives the body of the next version from the body of one; pure, names and values only.
Upcaster = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Seal:
    """Marks a field that travels sealed: only rooms that may open its class ever read it (contracts/classes.py)."""

    sealed_class: str


@dataclass(frozen=True)
class Code:
    """Marks a text field that holds one of a closed list of codes, never free text."""

    codes: tuple[str, ...]


@dataclass(frozen=True)
class Brake:
    """Says that a fact restricts at once, even out of turn: `kind` names the flag, `subject` the field it protects.

    `lifts` is true for the fact that takes the flag away, which works only in its turn and with a higher number.
    """

    kind: str
    subject: str
    lifts: bool = False


@dataclass(frozen=True)
class FactType:
    """What the network knows of one kind of fact."""

    name: str
    version: int
    owner: str
    public: bool
    brake: Brake | None
    urgent: bool
    purpose: str
    # version: how its body becomes one of the next version; so a hearer of this class reads facts stated long ago
    upcasters: Mapping[int, Upcaster] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The type as it travels, such as `match.agreed.v1`."""
        return f"{self.name}.v{self.version}"


CalledSealed = Annotated[str, Seal("called")]
NeedsSealed = Annotated[str, Seal("needs")]
SafetySealed = Annotated[str, Seal("safety")]
NotesSealed = Annotated[str, Seal("notes")]
ReportingSealed = Annotated[str, Seal("reporting")]
LinkWordSealed = Annotated[str, Seal("link_word")]

CATALOGUE: dict[str, type] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(
    type_: str,
    *,
    owner: str,
    public: bool = False,
    brake: Brake | None = None,
    urgent: bool = False,
    upcasters: Mapping[int, Upcaster] | None = None,
) -> Callable[[type[T]], type[T]]:
    """Registers a frozen, keyword-only dataclass as the fact `type_` (`noun.verb.vN`) that only `owner` may state.

    `public` says that nobody in the network needs to hear it; `urgent` that it rings even behind a stuck stream.
    `upcasters` say of each older version how its body becomes one of the next (docs/events.md, Versions).
    """
    name, _, version = type_.rpartition(".v")

    def register(cls: type[T]) -> type[T]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        purpose = (cls.__doc__ or "").strip().splitlines()[0]
        made.FACT = FactType(  # type: ignore[attr-defined]
            name, int(version), owner, public, brake, urgent, purpose, dict(upcasters or {})
        )
        if type_ in CATALOGUE:
            raise ValueError(f"{type_} is declared twice; a fact has one class")
        CATALOGUE[type_] = made
        return made

    return register


def is_superseded(type_: str) -> bool:
    """Whether a newer version stands beside this one; then nobody states it any more, and it is still read."""
    name, _, version = type_.rpartition(".v")
    versions = (other.rpartition(".v") for other in CATALOGUE)
    return any(other == name and int(newer) > int(version) for other, _, newer in versions)
