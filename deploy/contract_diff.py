"""What a change to a fact does to those who read it: a break of what is kept and heard, or only something more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.events.schemas import CLASSIFICATION

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One difference between a fact as its file keeps it and as its class says it now.

    `was` and `now` are empty where there was or is nothing; `why` says what it does to a reader, and is empty for what
    does nothing to any.
    """

    what: str
    was: str = ""
    now: str = ""
    why: str = ""

    @property
    def is_breaking(self) -> bool:
        """Whether somebody who reads this fact would be misled, or could not read it."""
        return bool(self.why)

    def lines(self) -> list[str]:
        """The change as one reads it: what was, what is, and what that does."""
        was = [f"  - {self.what}: {self.was}"] if self.was else []
        now = [f"  + {self.what}: {self.now}"] if self.now else []
        return [*was, *now, *([f"    {self.why}"] if self.why else [])]


def changes(kept: Schema, now: Schema) -> list[Change]:
    """Every difference between two schemas of one fact, breaks first."""
    found = [*_of_the_fact(kept, now), *_of_fields(kept, now)]
    if not found and kept != now:
        found = [Change("the file", "", "is written another way")]
    return sorted(found, key=lambda change: not change.is_breaking)


def _of_the_fact(kept: Schema, now: Schema) -> Iterator[Change]:
    for key, what, why in (
        ("x-owner", "said by", "it would come on another topic, on streams nobody followed"),
        ("x-brake", "restricts", "rooms restrict by what facts already stated say of themselves"),
        ("x-urgent", "rings behind a stuck stream", ""),
        ("description", "means", ""),
    ):
        was, is_now = kept.get(key), now.get(key)
        if was != is_now:
            yield Change(what, _words(was), _words(is_now), why)


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{'lifts' if value['lifts'] else 'sets'} {value['kind']} of {value['subject']}"
    return "nothing" if value is None else str(value)


def _of_fields(kept: Schema, now: Schema) -> Iterator[Change]:
    old, new = kept["properties"], now["properties"]
    for name in old:
        if name not in new:
            yield _removed(name, kept, now)
        else:
            yield from _of_field(name, old[name], new[name])
            yield from _of_need(name, kept, now)
    for name in new:
        if name not in old:
            yield _added(name, now)


def _removed(name: str, kept: Schema, now: Schema) -> Change:
    old, new = kept["properties"], now["properties"]
    alike = next((other for other in new if other not in old and new[other] == old[name]), None)
    renamed = f"it was renamed to {alike}: facts already stated still say {name}, and" if alike else "it is gone:"
    return Change(name, _holds(old[name]), "", f"{renamed} whoever reads {name} finds nothing")


def _added(name: str, now: Schema) -> Change:
    holds = _holds(now["properties"][name])
    if name in now["required"]:
        return Change(name, "", holds, "it is required, and facts already stated do not have it: give it a default")
    return Change(name, "", f"{holds}; may be missing")


def _of_need(name: str, kept: Schema, now: Schema) -> Iterator[Change]:
    was, is_now = name in kept["required"], name in now["required"]
    if is_now and not was:
        yield Change(name, "may be missing", "required", "facts already stated may not have it")
    elif was and not is_now:
        yield Change(name, "required", "may be missing")
    old, new = (str(one["properties"][name].get("default")) for one in (kept, now))
    if not was and not is_now and old != new:
        yield Change(
            name, f"{old} when missing", f"{new} when missing", "facts already stated would mean another thing"
        )


def _of_field(name: str, old: Schema, new: Schema) -> Iterator[Change]:
    if old[CLASSIFICATION] != new[CLASSIFICATION]:
        yield Change(name, _travels(old), _travels(new), _why_sealed(old, new))
        return
    if _bare(old) != _bare(new):
        yield Change(name, _holds(old), _holds(new), "whoever reads one cannot read the other")
        return
    if _may_be_nothing(old) != _may_be_nothing(new):
        may = "whoever reads it counts on something being there"
        must = "facts already stated may hold nothing there"
        yield Change(name, _holds(old), _holds(new), may if _may_be_nothing(new) else must)
    was, is_now = _codes(old), _codes(new)
    if set(was or ()) != set(is_now or ()) or (was is None) != (is_now is None):
        yield Change(name, _holds(old), _holds(new), _why_codes(was, is_now))


def _travels(schema: Schema) -> str:
    classification = str(schema[CLASSIFICATION])
    sealed = classification.removeprefix("sealed:")
    return f"{_holds(schema)}, in clear" if sealed == classification else f"sealed in class {sealed}"


def _why_sealed(old: Schema, new: Schema) -> str:
    if not str(new[CLASSIFICATION]).startswith("sealed:"):
        return "its classification is loosened: what was sealed would lie in the log for good, readable by all"
    if not str(old[CLASSIFICATION]).startswith("sealed:"):
        return "whoever reads it in clear would find a sealed text"
    return "facts already stated stay sealed in the old class; whoever opens one may not open the other"


def _why_codes(was: list[str] | None, is_now: list[str] | None) -> str:
    if was is None:
        return "facts already stated may hold text that is none of these codes"
    if is_now is None:
        return "it was one of a closed list; whoever reads it knows those codes alone"
    gone, new = [code for code in was if code not in is_now], [code for code in is_now if code not in was]
    said = [f"{', '.join(gone)} is gone, and facts already stated may hold it"] if gone else []
    said += [f"{', '.join(new)} is new, and whoever reads it does not know it"] if new else []
    return "; ".join(said)


def _one(schema: Schema) -> Schema:
    found: Schema = schema.get("items", schema)
    return found


def _kind(schema: Schema) -> str:
    kind = schema["type"]
    return str(kind[0] if isinstance(kind, list) else kind)


def _bare(schema: Schema) -> tuple[bool, str, str]:
    one = _one(schema)
    return "items" in schema, _kind(one), str(one.get("format", ""))


def _may_be_nothing(schema: Schema) -> bool:
    return isinstance(schema["type"], list)


def _codes(schema: Schema) -> list[str] | None:
    codes = _one(schema).get("enum")
    return None if codes is None else [code for code in codes if code is not None]


def _holds(schema: Schema) -> str:
    """What a field holds, in words."""
    one, codes = _one(schema), _codes(schema)
    plain = {"date-time": "moment", "date": "date"}.get(str(one.get("format")), "") or {
        "string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no",
    }[_kind(one)]  # fmt: skip
    words = f"one of {', '.join(codes)}" if codes is not None else plain
    words = f"list of {words}" if "items" in schema else words
    return f"{words}, or nothing" if _may_be_nothing(schema) else words
