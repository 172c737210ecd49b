"""Keeps contracts/schemas/ and contracts/samples/ in step with contracts/, and says what a change breaks.

python deploy/contract_files.py           writes what is new; refuses what would break whoever reads a fact
python deploy/contract_files.py --anew    before the first release only: what breaks is written anew, samples too
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from chassis.events import samples  # noqa: E402 - the checkout must be on the path first
from chassis.events.schemas import schema_of  # noqa: E402
from contracts import hearers, kept  # noqa: E402, F401 - the hearers bring every fact with them
from contracts.fact import CATALOGUE  # noqa: E402
from deploy import golden_story  # noqa: E402
from deploy.contract_diff import Change, changes  # noqa: E402

COMMAND = "python deploy/contract_files.py"
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """What is not in step about one fact."""

    type: str
    changes: Sequence[Change]

    @property
    def is_breaking(self) -> bool:
        """Whether anything of it would break a reader."""
        return any(change.is_breaking for change in self.changes)

    def text(self) -> str:
        """The difference as one reads it, and what to do."""
        lines = [line for change in self.changes for line in change.lines()]
        name, _, version = self.type.rpartition(".v")
        if not self.is_breaking:
            return "\n".join([f"{self.type}: not yet in its file", *lines, f"  What to do: run {COMMAND}"])
        newer = f"{name}.v{int(version) + 1}"
        return "\n".join(
            [
                f"{self.type}: BREAKS WHOEVER READS IT",
                *lines,
                f"  What to do: leave version {version} as it was, write {newer} beside it with an upcaster from",
                f"  version {version} (docs/events.md, Versions), then run {COMMAND}",
            ]
        )


def findings(schemas: Path, facts: Facts) -> list[Finding]:
    """What differs between the schema files in a folder and the facts declared now, breaks first."""
    found = [Finding(type_, _changes(schemas, type_, kind)) for type_, kind in sorted(facts.items())]
    gone = sorted({path.name.removesuffix(".json") for path in schemas.glob("*.json")} - set(facts))
    left = Change("the fact", "declared", "", "its class is gone; facts already stated stay, and are read for good")
    found += [Finding(type_, [left]) for type_ in gone]
    return sorted((one for one in found if one.changes), key=lambda one: not one.is_breaking)


def _changes(schemas: Path, type_: str, kind: Any) -> list[Change]:
    file = schemas / kept.schema_file(type_)
    found = (
        changes(json.loads(file.read_text()), schema_of(kind)) if file.is_file() else [Change("the fact", "", "new")]
    )
    return [*found, *_upcaster(schemas, kind)]


def _upcaster(schemas: Path, kind: Any) -> list[Change]:
    """A version before this one must lead to it."""
    about = kind.FACT
    before = about.version - 1
    if before in about.upcasters or not (schemas / kept.schema_file(f"{about.name}.v{before}")).is_file():
        return []
    why = f"facts stated as version {before} would park every hearer of version {about.version}"
    return [Change("upcasters", "", f"none from version {before}", why)]


def text_of(kind: Any) -> str:
    """The schema file of a fact."""
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"


def unsampled(folder: Path, facts: Facts) -> list[str]:
    """The facts of which no sample is kept."""
    return [type_ for type_ in sorted(facts) if not (folder / kept.sample_file(type_)).is_file()]


def is_released(changelog: str) -> bool:
    """Whether any version went out; from then on nothing kept is written anew."""
    return re.search(r"^## \[\d", changelog, re.MULTILINE) is not None


def write(schemas: Path, sampled: Path, facts: Facts, *, anew: bool) -> list[str]:
    """Writes the files that are missing or say less than the facts do; with `anew` those that break too.

    Gives the names of the files written.
    """
    done = []
    schemas.mkdir(parents=True, exist_ok=True)
    sampled.mkdir(parents=True, exist_ok=True)
    for finding in findings(schemas, facts):
        if finding.is_breaking and not anew:
            continue
        for folder, name in ((schemas, kept.schema_file(finding.type)), (sampled, kept.sample_file(finding.type))):
            if finding.is_breaking:
                (folder / name).unlink(missing_ok=True)
        if finding.type in facts:
            (schemas / kept.schema_file(finding.type)).write_text(text_of(facts[finding.type]), encoding="utf-8")
            done.append(kept.schema_file(finding.type))
    missing = unsampled(sampled, facts)
    if missing:
        told = golden_story.tell(facts)
        for type_ in missing:
            (sampled / kept.sample_file(type_)).write_bytes(samples.written(told[type_]))
            done.append(kept.sample_file(type_))
    return done


def main(asked: Sequence[str]) -> int:
    """Writes what may be written, says what breaks; gives 1 when anything does."""
    anew = "--anew" in asked
    if anew and is_released((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")):
        print("A version was released: what is kept is kept for good. Write the next version of the fact beside it.")
        return 1
    done = write(kept.SCHEMAS, kept.SAMPLES, CATALOGUE, anew=anew)
    for name in done:
        print(f"wrote {name}")
    broken = findings(kept.SCHEMAS, CATALOGUE)
    for finding in broken:
        print(f"\n{finding.text()}")
    print(f"facts {len(CATALOGUE)}, files written {len(done)}, breaks {len(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
