"""`make bench WHAT=start`: measures, prints each figure beside its bar, writes bench/out/<what>.json."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

from bench.figures import write


def main() -> int:
    """Runs one bench; exits with 1 when a bar is missed, with 2 when there is no such bench."""
    here = Path(__file__).parent
    known = sorted({path.stem for path in here.glob("[a-z]*.py")} - {"figures"} | {"events", "security"})
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    if what not in known:
        print(f"WHAT is one of: {', '.join(known)}", file=sys.stderr)
        return 2
    began = time.monotonic()
    figures = importlib.import_module(f"bench.{what}").measure(*([sys.argv[2:]] if what == "events" else []))
    for figure in figures:
        print(figure.words())
    path = write(what, figures)
    missed = sum(not figure.holds() for figure in figures)
    seconds = time.monotonic() - began
    print(
        f"bench {what}: figures {len(figures)}, missed {missed}, seconds {seconds:.0f}; {path.relative_to(Path.cwd())}"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
