"""SQLite files with their tables already in them: each room's migrations run once a run, every test gets a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

from chassis.database import Database
from chassis.migrate import bring_up
from tests.parts.programs import a_folder


class Migrated:
    """Stands in for `bring_up`: the first file of a room is migrated as ever, the next are copies of it."""

    def __init__(self) -> None:
        self._folder = a_folder("migrated")
        self._kept: dict[Path, Path] = {}

    def __call__(self, database: Database, migrations: Path) -> None:
        """Brings a database to its newest shape; a new SQLite file by copying, any other by its migrations."""
        place = Path(database.url.database or "")
        if not database.is_sqlite or place.exists():
            bring_up(database, migrations)
            return
        if migrations not in self._kept:
            kept = self._folder / f"{len(self._kept)}.sqlite"
            first = Database(f"sqlite:///{kept}")
            bring_up(first, migrations)
            first.close()
            self._kept[migrations] = kept
        shutil.copy(self._kept[migrations], place)

    def close(self) -> None:
        """Takes the copied files away."""
        shutil.rmtree(self._folder, ignore_errors=True)
