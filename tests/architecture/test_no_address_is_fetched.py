"""Nobody has the house ask an address of theirs: few modules call outward, and no door takes an address to call."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.the_code import ROOT

WAYS = {f"services/partners/ways/{name}.py" for name in ("calling", "mail", "texts")}
# Each calls where the settings say, and nowhere else: the carrier, whoever
# keeps the master key, the identity provider, servers for e-mail and texts.
OUTWARD = {
    "chassis/events/bus/kafka/__init__.py", "chassis/transit.py", "services/partners/provider/asking.py", *WAYS,
}  # fmt: skip
CALLS = {"requests", "urllib3", "urllib.request", "http.client", "smtplib", "socket", "ftplib", "telnetlib", "httpx"}
# A field by such a name holds an address that somebody would be asked at.
ADDRESS = re.compile(r"(?:^|_)(?:url|uri|href|endpoint|webhook|callback|jku|x5u)s?$")
FILES = sorted(path for folder in ("chassis", "services", "contracts") for path in (ROOT / folder).rglob("*.py"))


def outward(code: str) -> set[str]:
    """The modules a file brings in by which something outside is called."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        found |= {call for call in CALLS for name in names if name == call or name.startswith(f"{call}.")}
    return found


def addresses(code: str) -> list[str]:
    """The fields of schemas in a file that take an address to call."""
    found = []
    for kind in (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ClassDef)):
        for line in kind.body:
            if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
                continue
            name, made = line.targets[0].id, ast.unparse(line.value)
            if re.match(r"(?:fields\.)?(?:Url|URL)\(", made) or (
                ADDRESS.search(name) and re.match(r"(?:fields\.)?[A-Z]\w+\(", made)
            ):
                found.append(f"{kind.name}.{name}")
    return found


def of_house(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_few_modules_call_outward_and_where_the_settings_say() -> None:
    assert {of_house(path) for path in FILES if outward(path.read_text())} == OUTWARD


def test_no_door_takes_an_address_to_call() -> None:
    schemas = [path for path in FILES if "schemas" in of_house(path)]
    assert len(schemas) >= 5
    assert [of_house(path) for path in schemas if addresses(path.read_text())] == []


def test_a_module_that_calls_outward_and_a_field_with_an_address_are_seen() -> None:
    assert outward("import requests\nfrom urllib import request\nfrom http import client") >= {"requests"}
    assert outward("from urllib.request import urlopen") == {"urllib.request"}
    assert outward("from urllib.parse import quote") == set()
    schema = "class S(Strict):\n    jwks_uri = Words(most=9)\n    back = fields.Url()\n    name = Words()"
    assert addresses(schema) == ["S.jwks_uri", "S.back"]
