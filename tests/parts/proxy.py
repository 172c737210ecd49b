"""A small proxy on the loopback between a service and its database or broker, which a test can cut and mend."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """Passes bytes on to a port; cut, it ends every connection and takes no new ones until mended."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._is_cut = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._take, daemon=True).start()

    def cut(self) -> None:
        """Ends every connection."""
        self._is_cut.set()
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Takes connections again."""
        self._is_cut.clear()

    def close(self) -> None:
        """Ends for good."""
        self.cut()
        self._listener.close()

    def _take(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut.is_set():
                near.close()
                continue
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near:
            try:
                far = socket.create_connection(("127.0.0.1", self._to_port))
            except OSError:
                return
            with far:
                with self._lock:
                    self._open |= {near, far}
                back = threading.Thread(target=_pour, args=(far, near), daemon=True)
                back.start()
                _pour(near, far)
                back.join()
                with self._lock:
                    self._open -= {near, far}


def _pour(source: socket.socket, into: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            into.sendall(data)
    for end in (source, into):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
