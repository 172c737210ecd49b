"""One request as it is sent to two houses, and what a door takes in its best case."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

JSON, FHIR, EVENT = "application/json", "application/fhir+json", "application/cloudevents+json"
FORM = "application/x-www-form-urlencoded"
KEY = "a key of this case"


@dataclass(frozen=True)
class Good:
    """What a door takes: who asks, the ids of things that are there, and a body; None where it reads none.

    `kind` is the content type. `gives_back` names what a good answer may hold of what was sent: the record as its
    schema gives it, such as a partner's name.
    """

    who: str
    at: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    gives_back: bool = False

    def encoded(self) -> bytes:
        """The body as an honest sender writes it."""
        if self.body is None:
            return b""
        if self.kind == FORM:
            return urlencode(self.body, doseq=True).encode()
        return json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Knock:
    """A request in every part that matters; `length` is what it says of its size, and None the truth."""

    who: str
    method: str
    path: str
    body: bytes = b""
    kind: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: str | None = None
    is_chunked: bool = False
    is_twice: bool = False

    def environ(self, token: str) -> dict[str, Any]:
        """The request as a server hands it to the house."""
        path, _, query = self.path.partition("?")
        made: dict[str, Any] = {
            "REQUEST_METHOD": self.method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost",
            "REMOTE_ADDR": "127.0.0.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        if self.kind:
            made["CONTENT_TYPE"] = self.kind
        if self.is_chunked:
            made["HTTP_TRANSFER_ENCODING"], made["wsgi.input_terminated"] = "chunked", True
        elif self.length is not None or self.body:
            made["CONTENT_LENGTH"] = str(len(self.body)) if self.length is None else self.length
        if token:
            made["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        for name, text in self.headers.items():
            made[f"HTTP_{name.upper().replace('-', '_')}"] = text
        return made

    def as_kept(self) -> dict[str, Any]:
        """The request as a file keeps it."""
        return {**vars(self), "headers": dict(self.headers), "body": base64.b64encode(self.body).decode()}

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> Knock:
        """The request that a file keeps."""
        return cls(**{**kept, "body": base64.b64decode(kept["body"])})

    def with_more(self, **headers: str) -> Knock:
        """The same with more headers, their names written with underscores."""
        more = {name.replace("_", "-"): text for name, text in headers.items()}
        return replace(self, headers={**self.headers, **more})
