"""The one Alembic environment: runs a folder of migrations inside one transaction of the service's database."""

from __future__ import annotations

from alembic import context

from chassis.boundary import NETWORK

database = context.config.attributes["database"]
# Two processes of one service start at once; the second waits here and then finds nothing left to do.
MIGRATION_LOCK = 7_302_026

with database.writing(NETWORK) as connection:
    if not database.is_sqlite:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    context.configure(
        connection=connection,
        version_table=context.config.attributes["version_table"],
        transactional_ddl=False,
        render_as_batch=database.is_sqlite,
    )
    context.run_migrations()
