"""The master key kept by Vault: its transit engine wraps and unwraps, and never gives the key away (docs/keys.md).

It is asked a few times an hour by each process, outside any transaction, and answers within seconds or counts as away.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from chassis.master import MasterKeyAway, MasterKeyUnknown
from chassis.settings.vault import VaultSettings

# Seconds until an answer must be there whole, and the most that is read of it (bytes).
CALL_SECONDS = 3.0
_LARGEST = 64 * 1024
# How a text begins that the transit engine wrapped; what a file's key wrapped begins with a random nonce.
_MARK = b"vault:v"
_REFUSED_TEXT = 400


class TransitMaster:
    """A master key by name in one transit engine; `name` of the engine's key, never the key."""

    def __init__(self, settings: VaultSettings) -> None:
        self._settings = settings
        address = urlsplit(settings.address)
        self._is_secure, self._host = address.scheme == "https", address.hostname or ""
        self._port, self._path = address.port, address.path.rstrip("/")

    def name(self) -> str:
        return f"vault {self._settings.mount}/{self._settings.key}"

    def wrap(self, key: bytes, about: bytes) -> bytes:
        found = self._ask("encrypt", plaintext=_text(key), associated_data=_text(about))
        wrapped = found.get("ciphertext")
        if not isinstance(wrapped, str) or not wrapped.encode().startswith(_MARK):
            raise MasterKeyAway()
        return wrapped.encode()

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        if not wrapped.startswith(_MARK):
            raise MasterKeyUnknown()
        found = self._ask("decrypt", ciphertext=wrapped.decode("ascii", "replace"), associated_data=_text(about))
        try:
            return base64.b64decode(found["plaintext"], validate=True)
        except (KeyError, TypeError, ValueError):
            raise MasterKeyAway() from None

    def _ask(self, what: str, **sent: str) -> dict[str, Any]:
        """One call; what it refuses because of the text itself is MasterKeyUnknown, all else MasterKeyAway."""
        status, body = self._call(f"/v1/{quote(self._settings.mount)}/{what}/{quote(self._settings.key)}", sent)
        if status == _REFUSED_TEXT and what == "decrypt":
            raise MasterKeyUnknown()
        try:
            found = json.loads(body)["data"] if status == http.client.OK else None
        except (ValueError, KeyError, TypeError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise MasterKeyAway(_says(status, self._settings))
        return found

    def _call(self, path: str, sent: dict[str, str]) -> tuple[int, bytes]:
        ends = time.monotonic() + CALL_SECONDS
        connection = self._connection()
        try:
            connection.request("POST", self._path + path, json.dumps(sent), self._headers())
            answer = connection.getresponse()
            body = b""
            while len(body) <= _LARGEST and time.monotonic() < ends:
                piece = answer.read1(_LARGEST)
                if not piece:
                    return answer.status, body
                body += piece
        except (OSError, http.client.HTTPException, ValueError) as away:
            raise MasterKeyAway() from away
        finally:
            connection.close()
        raise MasterKeyAway()

    def _connection(self) -> http.client.HTTPConnection:
        if not self._is_secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=CALL_SECONDS)
        trusted = ssl.create_default_context(cafile=str(self._settings.ca) if self._settings.ca else None)
        return http.client.HTTPSConnection(self._host, self._port, timeout=CALL_SECONDS, context=trusted)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "X-Vault-Request": "true", "X-Vault-Token": self._token()}
        if self._settings.namespace:
            headers["X-Vault-Namespace"] = self._settings.namespace
        return headers

    def _token(self) -> str:
        """The token of this moment: an agent beside us writes a new one into the file before the old one ends."""
        path: Path | None = self._settings.token_file
        return path.read_text().strip() if path else ""


def _says(status: int, settings: VaultSettings) -> str | None:
    if status in {http.client.FORBIDDEN, http.client.UNAUTHORIZED}:
        return f"Vault does not let us use the key {settings.mount}/{settings.key}: look at the token and its policy."
    if status == http.client.NOT_FOUND:
        return f"Vault has no key {settings.mount}/{settings.key}: make it there, or mend BEENTHERE_VAULT_KEY."
    return None


def _text(some: bytes) -> str:
    return base64.b64encode(some).decode()
