"""What a service's own role may do to its audit trail on PostgreSQL: add rows, read them, and seal them. Nothing else.

They hold for a role that does not own the tables: an owner can give itself any right back.
"""

from __future__ import annotations

import re

import sqlalchemy as sa

_ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
# Columns that are written after their row: the seal of an audit row, and that a head was filed.
WRITTEN_LATER = {"audit": ("place", "hash"), "audit_heads": ("filed_at",)}
_SEQUENCES = ("audit_sequence_seq", "audit_heads_number_seq")
# Roles beside the owner that could alter a row of the trail or take one out.
_TOO_FREE = sa.text(
    """
    SELECT DISTINCT grants.grantee
    FROM information_schema.role_table_grants grants
    JOIN pg_tables tables ON tables.schemaname = grants.table_schema AND tables.tablename = grants.table_name
    WHERE grants.table_schema = current_schema() AND grants.table_name IN ('audit', 'audit_heads')
        AND grants.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE') AND grants.grantee <> tables.tableowner
    ORDER BY 1
    """
)


def rights(role: str) -> tuple[str, ...]:
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
    for name in _SEQUENCES:
        sentences += [f"REVOKE ALL ON SEQUENCE {name} FROM {role}", f"GRANT USAGE ON SEQUENCE {name} TO {role}"]
    return tuple(sentences)


def too_free(connection: sa.Connection) -> list[str]:
    """The roles, beside the owner's, that could alter the trail or take rows out."""
    return list(connection.execute(_TOO_FREE).scalars())


def narrow(connection: sa.Connection) -> None:
    """Leaves each of them the rights of a service's role; said by the owner of the tables."""
    for role in too_free(connection):
        for sentence in rights(role):
            connection.exec_driver_sql(sentence)
