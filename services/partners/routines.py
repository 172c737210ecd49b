"""What the partners room does because time passed: nothing yet; the day itself ends an agreement."""

from __future__ import annotations

from chassis.parts import Routine

ROUTINES: dict[str, Routine] = {}
