"""What a service's own role may do to its audit trail on PostgreSQL: add rows, read them, and seal them. Nothing else.

python deploy/audit_rights.py referrals_service     the sentences, for whoever owns the tables to run

They hold for a role that does not own the tables: an owner can give itself any right back.
"""

from __future__ import annotations

import re
import sys

_ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
# Columns that are written after their row: the seal of an audit row, and that a head was filed.
WRITTEN_LATER = {"audit": ("place", "hash"), "audit_heads": ("filed_at",)}


def audit_rights(role: str) -> tuple[str, ...]:
    """The sentences that give a role its rights on the audit trail and take all others; refuses an odd name."""
    if not _ROLE.fullmatch(role):
        raise ValueError("a role is written in small letters, digits and underscores")
    sentences = []
    for table, columns in WRITTEN_LATER.items():
        sentences += [
            f"REVOKE ALL ON {table} FROM {role}",
            f"GRANT SELECT, INSERT ON {table} TO {role}",
            f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {role}",
        ]
    sequences = ("audit_sequence_seq", "audit_heads_number_seq")
    return (*sentences, *(f"GRANT USAGE ON SEQUENCE {name} TO {role}" for name in sequences))


def main(role: str) -> None:
    """Writes the sentences to standard output."""
    sys.stdout.write("".join(f"{sentence};\n" for sentence in audit_rights(role)))


if __name__ == "__main__":
    main(sys.argv[1])
