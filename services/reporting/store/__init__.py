"""Two stores under one roof: `counting` holds what is counted, `release` what may be read and doors know."""

from __future__ import annotations

from .tables import PROJECTIONS, metadata

__all__ = ["PROJECTIONS", "metadata"]
