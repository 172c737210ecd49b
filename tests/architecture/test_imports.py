"""Which way imports may flow: every rule of import-linter turns red when it is broken, and reaches every file."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from contracts.addresses import SERVICES

ROOT = Path(__file__).parents[2]
LAYERS = ("contracts", "chassis", "services", "demo")
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
# What needs nothing but Python itself; the domain knows the error tree besides.
PURE = ("contracts/*.py", "services/*/domain.py", "services/*/domain/*.py", "services/*/policy.py", "chassis/errors.py")
OURS_IN_PURE = {"contracts": {"contracts"}, "services": {"services", "chassis"}, "chassis": set()}

# (rule, file to write into, the line that breaks the rule). Each stands for a mistake somebody might make.
BREAKS = [
    ("house", "chassis/letters.py", "from services.referrals import domain"),
    ("house", "chassis/letters.py", "from contracts.roles import RULES"),
    ("house", "contracts/letters.py", "from chassis.errors import Refused"),
    ("house", "contracts/letters.py", "import services.matching.store"),
    ("house", "demo/letters.py", "from services.referrals.app import create"),
    ("house", "services/referrals/domain.py", "from demo import region"),
    ("islands", "services/matching/reactions.py", "from services.referrals.domain import STAGES"),
    ("islands", "services/referrals/store.py", "import services.__main__"),
    ("islands", "services/letters/__init__.py", ""),
    ("room", "services/referrals/domain.py", "from services.referrals import actions"),
    ("room", "services/referrals/domain.py", "from services.referrals.policy import Policy"),
    ("room", "services/referrals/policy.py", "from services.referrals import domain"),
    ("room", "services/referrals/telemetry.py", "from services.referrals import store"),
    ("room", "services/matching/store/of_peers.py", "from services.matching.actions import peers"),
    ("room", "services/referrals/store.py", "from services.referrals.schemas import ReferralSchema"),
    ("room", "services/referrals/schemas.py", "from services.referrals import actions"),
    ("room", "services/referrals/actions.py", "from services.referrals.schemas import ReferralSchema"),
    ("room", "services/referrals/actions.py", "from services.referrals import routes"),
    ("room", "services/matching/actions/peers.py", "from services.matching import reactions"),
    ("room", "services/referrals/routes.py", "from services.referrals import pages"),
    ("room", "services/referrals/reactions.py", "from services.referrals import routines"),
    ("room", "services/referrals/routes.py", "from services.referrals import app"),
    ("room", "services/referrals/letters.py", ""),
    ("chassis", "chassis/events/relay.py", "from chassis.web import door"),
    ("chassis", "chassis/database.py", "import chassis.unit"),
    ("chassis", "chassis/errors.py", "import chassis.ids"),
    ("chassis", "chassis/service.py", "from chassis import house"),
    ("chassis", "chassis/letters.py", ""),
    ("askers", "services/referrals/reactions.py", "from services.referrals import routes"),
    ("askers", "services/referrals/routines.py", "from services.referrals.routes import receive"),
    ("askers", "services/referrals/commands.py", "from services.referrals.routes import receive"),
    ("domain", "services/referrals/domain.py", "from contracts.roles import RULES"),
    ("domain", "services/matching/domain/pair.py", "from chassis.unit import Unit"),
    ("domain", "services/referrals/policy.py", "import chassis.clock"),
    ("kafka", "services/referrals/routines.py", "from kafka import KafkaProducer"),
    ("kafka", "chassis/events/relay.py", "import kafka.errors"),
    ("flask", "services/referrals/actions.py", "from flask import g"),
    ("flask", "services/matching/domain/moves.py", "import werkzeug"),
    ("flask", "services/referrals/schemas.py", "from flask_smorest import abort"),
    ("flask", "chassis/unit.py", "from flask import g"),
    ("flask", "chassis/events/inbox.py", "import flask"),
    ("storage", "services/referrals/actions.py", "import sqlalchemy as sa"),
    ("storage", "services/matching/pages/peer.py", "from sqlalchemy import select"),
    ("storage", "services/matching/reactions.py", "import sqlite3"),
    ("storage", "chassis/web/ops.py", "import sqlalchemy"),
    ("storage", "chassis/service.py", "import psycopg"),
    ("shapes", "services/referrals/actions.py", "from marshmallow import fields"),
    ("shapes", "services/referrals/store.py", "import marshmallow"),
    ("shapes", "chassis/once.py", "import marshmallow"),
    ("tools", "services/referrals/actions.py", "from tests.builders import a_referral"),
    ("tools", "demo/region.py", "from deploy import compose"),
    ("telemetry", "services/referrals/actions.py", "import structlog"),
    ("telemetry", "services/matching/routines.py", "from prometheus_client import Counter"),
    ("telemetry", "services/referrals/reactions.py", "import logging"),
    ("calls", "services/referrals/routines.py", "import requests"),
    ("calls", "services/matching/actions/peers.py", "import httpx"),
    ("calls", "chassis/serve.py", "import urllib3"),
    (
        "calls",
        "services/partners/actions/sessions.py",
        "from authlib.integrations.requests_client import OAuth2Session",
    ),
    ("calls", "services/partners/provider/published.py", "import requests"),
    ("room", "services/partners/provider/published.py", "from services.partners.actions import sessions"),
    ("room", "services/partners/actions/sessions.py", "from services.partners import provider"),
]


# Writes each break into the copy, checks its one rule, and takes it out again; in one process, because fifty starts of
# the linter would take ten seconds.
PLANTER = """
import contextlib, io, json, sys

sys.path[:0] = [".", sys.argv[1]]
from pathlib import Path
from importlinter.cli import lint_imports

for rule, file, line in json.load(sys.stdin):
    path = Path(file)
    before = path.read_text() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\\n{line}\\n")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = lint_imports("pyproject.toml", limit_to_contracts=(rule,), no_cache=True, no_logo=True)
    if before is None:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    else:
        path.write_text(before)
    print(json.dumps([status, said.getvalue()]))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], tuple[int, str]]:
    """What the linter said of each break, planted in a copy of the house."""
    place = tmp_path_factory.mktemp("house")
    for layer in LAYERS:
        without = shutil.ignore_patterns("__pycache__", "static", "templates")
        shutil.copytree(ROOT / layer, place / layer, ignore=without)
    shutil.copyfile(ROOT / "pyproject.toml", place / "pyproject.toml")
    # -S: the checkout is on Python's path, and `services`, a namespace, would be the copy and the checkout together.
    command = [sys.executable, "-S", "-c", PLANTER, sysconfig.get_paths()["purelib"]]
    planted = json.dumps([(rule, standing(file), line) for rule, file, line in BREAKS])
    done = subprocess.run(
        command, input=planted, cwd=place, capture_output=True, text=True,
        check=False, env={"COLUMNS": "300"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {broken: (status, said) for broken, (status, said) in zip(BREAKS, answers, strict=True)}


def standing(file: str) -> str:
    """Where a file stands now: itself, or the folder of the same name it grew into."""
    grown = ROOT / file.removesuffix(".py")
    return f"{file.removesuffix('.py')}/__init__.py" if grown.is_dir() else file


def module_of(file: str) -> str:
    """The module a file is imported as."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.mark.parametrize("broken", BREAKS, ids=" ".join)
def test_a_broken_rule_turns_red_and_names_the_file(
    found: dict[tuple[str, str, str], tuple[int, str]], broken: tuple[str, str, str]
) -> None:
    status, said = found[broken]
    assert status != 0
    assert module_of(standing(broken[1])) in said


def test_every_rule_has_a_break_of_its_own() -> None:
    assert {rule for rule, _file, _line in BREAKS} == {rule["id"] for rule in RULES}


def test_the_rules_name_every_room_there_is() -> None:
    rooms = {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}
    assert rooms == set(SERVICES)
    islands = next(rule for rule in RULES if rule["id"] == "islands")["layers"][1]
    house = next(rule for rule in RULES if rule["id"] == "house")["layers"][1]
    named = {part.strip(" ()") for part in islands.split("|")}
    assert named == rooms
    assert {f"services.{room}" for room in rooms} < {part.strip(" ()") for part in house.split("|")}


def imported(text: str) -> set[str]:
    """The top-level names a text imports; one's own package for a relative import."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("path", sorted(path for glob in PURE for path in ROOT.glob(glob)), ids=str)
def test_contracts_and_rules_need_nothing_but_python_itself(path: Path) -> None:
    layer = path.relative_to(ROOT).parts[0]
    assert imported(path.read_text()) - set(sys.stdlib_module_names) <= OURS_IN_PURE[layer]


def test_an_outside_library_in_a_rule_is_seen() -> None:
    assert imported("import flask\nfrom yaml.loader import x\nfrom . import y") == {"flask", "yaml"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("**/migrations/*.py")), ids=lambda path: path.parent.parent.name)
def test_a_migration_stands_on_its_own(path: Path) -> None:
    """A migration that used today's tables would change with them."""
    assert ".venv" not in path.parts
    assert imported(path.read_text()) <= {"__future__", "alembic", "sqlalchemy", "chassis"}
    assert "chassis.columns" in path.read_text() or "import chassis" not in path.read_text()
