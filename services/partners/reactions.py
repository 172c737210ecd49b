"""What the partners room does about facts of other rooms: nothing yet, so it listens to none."""

from __future__ import annotations

from chassis.service import Reaction

REACTIONS: dict[type, Reaction] = {}
