"""The one Alembic environment: runs a folder of migrations inside one transaction of the service's database."""

from __future__ import annotations

from alembic import context

database = context.config.attributes["database"]
with database.writing() as connection:
    context.configure(
        connection=connection,
        version_table=context.config.attributes["version_table"],
        transactional_ddl=False,
        render_as_batch=database.is_sqlite,
    )
    context.run_migrations()
