"""What is dangerous in careless hands is not used here at all: no code from data, no shells, no XML, no pickles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.the_code import ROOT

PYTHON = sorted(
    path for folder in ("chassis", "contracts", "services", "demo") for path in (ROOT / folder).rglob("*.py")
)
SCRIPTS = sorted((ROOT / "chassis" / "static").glob("*.js"))
# What no module of ours imports, by what it would let in.
MODULES = {
    "objects from bytes": {"pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml"},
    "a shell or another program": {"subprocess", "pty", "commands"},
    "XML": {"xml", "lxml", "defusedxml", "xmltodict", "xmlrpc", "html5lib", "bs4"},
    "a directory or a cache of others": {"ldap", "ldap3", "memcache", "pymemcache", "redis"},
    "a query language of others": {"graphene", "graphql", "strawberry", "ariadne"},
    "a socket that stays open": {"websocket", "websockets", "flask_sock", "flask_socketio", "aiortc"},
    "typesetting": {"pylatex", "latex"},
    "archives": {"zipfile", "tarfile", "gzip", "bz2", "lzma", "zlib"},
}  # fmt: skip
# What no function of ours calls: by its last name, or by its whole name.
CALLS = {
    "code from text": {"eval", "exec", "compile_command", "__import__"},
    "a template from text": {"render_template_string", "from_string"},
    "a shell or another program": {"os.system", "os.popen", "os.execv", "os.execvp", "os.spawnv"},
    "a hash that is broken": {"hashlib.md5", "hashlib.sha1", "hashlib.new"},
}
# What none of our scripts says.
IN_SCRIPTS = (
    "eval(", "new Function", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "localStorage",
    "sessionStorage", "indexedDB", "document.cookie", "postMessage", "WebSocket", "EventSource", "RTCPeerConnection",
    "__proto__", "Object.assign",
)  # fmt: skip


def used(text: str) -> Iterator[str]:
    """What a module of ours uses of the above, each as `what: name`."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            tops = {name.partition(".")[0] for name in names}
            yield from (f"{what}: {name}" for what, those in MODULES.items() for name in sorted(tops & those))
        if isinstance(node, ast.Call):
            whole = ast.unparse(node.func)
            found = {whole, whole.rpartition(".")[2]}
            yield from (f"{what}: {name}" for what, those in CALLS.items() for name in sorted(found & those))
            if any(one.arg == "shell" for one in node.keywords):
                yield "a shell or another program: shell="


def test_nothing_of_it_is_used_in_what_runs() -> None:
    assert len(PYTHON) > 200
    assert [(path.relative_to(ROOT).as_posix(), one) for path in PYTHON for one in used(path.read_text())] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import pickle", "objects from bytes: pickle"),
        ("from xml.etree import ElementTree", "XML: xml"),
        ("import subprocess", "a shell or another program: subprocess"),
        ("import os\nos.system('ls')", "a shell or another program: os.system"),
        ("eval(text)", "code from text: eval"),
        ("flask.render_template_string(text)", "a template from text: render_template_string"),
        ("run(['ls'], shell=True)", "a shell or another program: shell="),
        ("hashlib.md5(text)", "a hash that is broken: hashlib.md5"),
        ("import zipfile", "archives: zipfile"),
    ],
)
def test_a_use_of_it_is_caught(line: str, found: str) -> None:
    assert found in list(used(line))


def test_what_only_looks_alike_is_let_through() -> None:
    assert list(used("connection.execute(query)\nre.compile('x')\nimport marshmallow\nevaluate(x)")) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_our_scripts_write_no_markup_keep_nothing_and_speak_to_no_other_window(path: Path) -> None:
    text = path.read_text()
    assert [word for word in IN_SCRIPTS if word in text] == []


def test_there_are_scripts_to_look_at() -> None:
    assert {path.name for path in SCRIPTS} >= {"app.js", "docs.js"}
