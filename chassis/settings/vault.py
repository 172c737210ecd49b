"""What is set about a Vault that keeps the master key: where it is, which key of which engine, who we are there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

_ADDRESS = re.compile(r"(https://[A-Za-z0-9.-]+|http://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_PATHS = frozenset({"token_file", "ca"})


@dataclass(frozen=True)
class VaultSettings:
    """A transit engine that keeps the master key; without an address a file does."""

    address: str = ""
    # A file of mode 600 with the token, which an agent keeps fresh.
    token_file: Path | None = None
    key: str = "beenthere"
    mount: str = "transit"
    ca: Path | None = None
    namespace: str = ""

    def __bool__(self) -> bool:
        return bool(self.address)


NAMES = frozenset(f"vault_{one.name}" for one in fields(VaultSettings))


def value(name: str, text: str) -> Any:
    """The value of one setting, by its name without `vault_`."""
    return Path(text) if name in _PATHS else text


def faults(settings: VaultSettings, given: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with these settings together; `given` are those that were set, by their names."""
    if not settings:
        return [f"BEENTHERE_VAULT_{name.upper()} is set without BEENTHERE_VAULT_ADDRESS" for name in sorted(given)]
    found = []
    if not _ADDRESS.fullmatch(settings.address):
        found.append("ADDRESS must begin with https:// (http:// for this machine alone) and have no query")
    if "/" in settings.key or not _NAME.fullmatch(settings.key):
        found.append("KEY must be the name of a key of the transit engine")
    if not _NAME.fullmatch(settings.mount):
        found.append("MOUNT must be the path of the transit engine, such as transit")
    if settings.namespace and not _NAME.fullmatch(settings.namespace):
        found.append("NAMESPACE must be the path of a namespace")
    if settings.ca and not settings.ca.is_file():
        found.append("CA names a file that does not exist")
    return [f"BEENTHERE_VAULT_{fault}" for fault in [*found, *_faults_of_token(settings.token_file)]]


def _faults_of_token(path: Path | None) -> list[str]:
    if path is None:
        return ["TOKEN_FILE is not set; it holds the token by which Vault knows us"]
    try:
        mode = path.stat().st_mode
        path.read_text()
    except FileNotFoundError:
        return ["TOKEN_FILE names a file that does not exist"]
    except (OSError, UnicodeDecodeError):
        return ["TOKEN_FILE names a file that cannot be read"]
    return ["TOKEN_FILE can be read by others; set its mode to 600"] if mode & 0o077 else []
