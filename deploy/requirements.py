"""Prints what the project needs at run time, one requirement a line, from pyproject.toml; images install this."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).resolve().parent.parent / "pyproject.toml").read_text())["project"]
sys.stdout.write("\n".join(project["dependencies"]) + "\n")
