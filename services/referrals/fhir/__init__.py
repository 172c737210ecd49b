"""The FHIR door: an NHS Booking and Referral Standard message becomes the canonical referral, or an OperationOutcome.

FHIR's own words (patient and the like) stay inside this folder. Sources: docs/sources.md, BaRS.
"""

from __future__ import annotations

from services.referrals.fhir.door import blueprint
from services.referrals.fhir.outcome import shape_problem

__all__ = ["blueprint", "shape_problem"]
