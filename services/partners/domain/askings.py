"""What two people do in this room: one asks, another settles (chassis/second.py)."""

from __future__ import annotations

# What can be asked. Each is done, or let go, by its own action (actions/settling.py).
OPEN_ACCOUNT, GRANT_ROLE, RESET_FACTOR = "open_account", "grant_role", "reset_factor"
