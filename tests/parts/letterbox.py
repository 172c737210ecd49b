"""Servers that take our e-mail and texts in tests, on loopback, and misbehave as each is told.

The mail server speaks SMTP by sockets, so that it can do what no honest one would: fall silent or drop the line at
any word.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

# Instead of an answer to a word: says nothing for as long as it is open, or ends the line.
SILENT, DROPPED = "silent", "dropped"
# The word after the whole letter, and the one before any.
LETTER, BANNER = "LETTER", "BANNER"
_GOOD = {
    BANNER: "220 here",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    LETTER: "250 taken",
    "AUTH": "235 ok",
}


class Listening:
    """A server in threads of its own."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._closed = threading.Event()
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                end, _ = self._listener.accept()
                self._ends.append(end)
                threading.Thread(target=self._one, args=(end,), daemon=True).start()

    def _one(self, end: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError), end:
            self.talk(end)

    def talk(self, end: socket.socket) -> None:
        """Speaks with one caller."""
        raise NotImplementedError

    def be_silent(self) -> None:
        """Says nothing until the server closes."""
        self._closed.wait(30)

    def close(self) -> None:
        """Stops listening and ends every line."""
        self._closed.set()
        # Closing alone would not wake who accepts.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            end.close()


@dataclass
class MailServer(Listening):
    """Takes e-mail; `answers` says by word what it does instead of the good thing, once for each in a list."""

    answers: Mapping[str, str] = field(default_factory=dict)
    chain: Path | None = None
    letters: list[tuple[str, bytes]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    # What happens once a whole letter has come, before anything is answered.
    on_letter: Callable[[], None] = field(default=lambda: None)

    def __post_init__(self) -> None:
        super().__init__()

    def talk(self, end: socket.socket) -> None:
        """One conversation; STARTTLS is offered where there is a certificate."""
        line, to = end.makefile("rwb"), ""
        if not self._says(line, BANNER):
            return
        while word := line.readline().decode().strip():
            name = word.split()[0].upper()
            self.words.append(word)
            if name in {"EHLO", "HELO"}:
                offered = [b"250-here"] + (
                    [b"250-STARTTLS"] if self.chain and not isinstance(end, ssl.SSLSocket) else []
                )
                line.write(b"\r\n".join([*offered, b"250 AUTH PLAIN", b""]))
                line.flush()
                continue
            if name == "STARTTLS" and self.chain:
                line.write(b"220 go on\r\n")
                line.flush()
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.chain)
                end = context.wrap_socket(end, server_side=True)
                line = end.makefile("rwb")
                continue
            to = word.partition(":")[2].strip("<>") if name == "RCPT" else to
            if not self._says(line, name):
                return
            if name == "DATA" and self.answers.get("DATA", "354").startswith("354"):
                self.letters.append((to, self._letter(line)))
                self.on_letter()
                if not self._says(line, LETTER):
                    return

    def _letter(self, line: object) -> bytes:
        found = []
        while (one := line.readline()) not in {b".\r\n", b""}:  # type: ignore[attr-defined]
            found.append(one.removeprefix(b".") if one.startswith(b"..") else one)
        return b"".join(found)

    def _says(self, line: object, word: str) -> bool:
        said = self.answers.get(word, _GOOD.get(word, "221 bye"))
        if said == SILENT:
            self.be_silent()
        if said in {SILENT, DROPPED}:
            return False
        line.write(f"{said}\r\n".encode())  # type: ignore[attr-defined]
        line.flush()  # type: ignore[attr-defined]
        return word != "QUIT"


@dataclass
class Webhook(Listening):
    """Takes texts over HTTP and answers each with `status`, or misbehaves."""

    status: int | str = 202
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/texts"

    def talk(self, end: socket.socket) -> None:
        """One request."""
        line = end.makefile("rwb")
        line.readline()
        headers = {}
        while (one := line.readline()) not in {b"\r\n", b""}:
            name, _, value = one.decode().strip().partition(": ")
            headers[name] = value
        self.posts.append((headers, line.read(int(headers.get("Content-Length", "0")))))
        if self.status == SILENT:
            self.be_silent()
        if isinstance(self.status, str):
            return
        line.write(f"HTTP/1.1 {self.status} so\r\nContent-Length: 0\r\nLocation: {self.address}/other\r\n\r\n".encode())
        line.flush()


def nobody_there() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return int(gone.getsockname()[1])
