"""Writes the sentences that narrow a role's rights on the audit trail; migrations run them by themselves.

python deploy/audit_rights.py referrals     for a database somebody brought up by hand
"""

from __future__ import annotations

import sys

from chassis.boundary.trail import rights


def main(role: str) -> None:
    """Writes the sentences to standard output."""
    sys.stdout.write("".join(f"{sentence};\n" for sentence in rights(role)))


if __name__ == "__main__":
    main(sys.argv[1])
