"""Prints what the project needs at run time, one requirement a line, from pyproject.toml; images install this.

python deploy/requirements.py dev     prints a dependency group instead, for a pip too old to know `--group`
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

written = tomllib.loads((Path(__file__).resolve().parent.parent / "pyproject.toml").read_text())
groups = sys.argv[1:]
asked = [name for group in groups for name in written["dependency-groups"][group]]
needed = asked or written["project"]["dependencies"]
sys.stdout.write("\n".join(needed) + "\n")
