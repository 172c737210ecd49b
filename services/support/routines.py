"""What the support room does because time passed: nothing. Dates are shown to the pair, and nobody is chased.

Reminders, the midpoint review and the checks after an ending get their clocks here when they are built.
"""

from __future__ import annotations

from collections.abc import Callable

from chassis.unit import Unit

ROUTINES: dict[str, Callable[[Unit], int]] = {}
