"""What security costs: authorisation and audit, the boundary between partners; a module for each, also by itself."""

from __future__ import annotations

import importlib

from bench.figures import Figure

# In the order in which they are told.
PARTS = ("record", "rls")


def measure() -> list[Figure]:
    """The figures of every part."""
    return [figure for part in PARTS for figure in importlib.import_module(f"bench.security.{part}").measure()]
