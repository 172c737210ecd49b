"""Writes a numbered migration for a room (or the chassis) from the difference between its tables and its migrations.

python deploy/new_migration.py referrals "what changes"
"""

from __future__ import annotations

import importlib
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import MetaData

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from chassis.boundary import NETWORK  # noqa: E402 - the checkout must be on the path first
from chassis.database import Database  # noqa: E402
from chassis.migrate import bring_up, version_table  # noqa: E402


def main(room: str, message: str) -> None:
    """Writes the next migration file of `room`, or says that nothing changed."""
    folder = ROOT / "chassis" / "migrations" if room == "chassis" else ROOT / "services" / room / "migrations"
    module = importlib.import_module("chassis.tables" if room == "chassis" else f"services.{room}.store")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        database = Database(f"sqlite:///{place}/now.sqlite")
        bring_up(database, folder)
        with database.reading(NETWORK) as connection:
            script = _difference(MigrationContext.configure(connection, opts=_options(folder)), module.metadata)
        database.close()
    if script.upgrade_ops.is_empty():  # type: ignore[union-attr]
        sys.exit(f"{room}: the tables and the migrations agree; nothing to write")
    number = len(list(folder.glob("[0-9]*.py"))) + 1
    name = f"{number:04d}_{re.sub(r'[^a-z0-9]+', '_', message.lower()).strip('_')}"
    (folder / f"{name}.py").write_text(_text(number, message, script))
    print(f"wrote {folder.relative_to(ROOT)}/{name}.py; read it before you keep it")


def _options(folder: Path) -> dict[str, Any]:
    def include(_thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        return not (kind == "table" and reflected and compare_to is None)

    return {"include_object": include, "version_table": version_table(folder), "compare_type": False}


def _difference(context: MigrationContext, metadata: MetaData) -> ops.MigrationScript:
    return produce_migrations(context, metadata)


def _text(number: int, message: str, script: ops.MigrationScript) -> str:
    up = render_python_code(script.upgrade_ops, render_as_batch=False)  # type: ignore[arg-type]
    down = render_python_code(script.downgrade_ops, render_as_batch=False)  # type: ignore[arg-type]
    tidy = lambda code: re.sub(r"\n?\s*# ###.*", "", code).strip()  # noqa: E731 - local and tiny
    revision = f"{number:04d}"
    before = f'"{number - 1:04d}"' if number > 1 else "None"
    columns = "import chassis.columns\n" if "chassis.columns" in up else ""
    return (
        f'"""{message[0].upper()}{message[1:]}."""\n\nfrom __future__ import annotations\n\nimport sqlalchemy as sa\n'
        f'from alembic import op\n\n{columns}\nrevision = "{revision}"\ndown_revision = {before}\n\n\n'
        f"def upgrade() -> None:\n    {tidy(up)}\n\n\ndef downgrade() -> None:\n    {tidy(down)}\n"
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
