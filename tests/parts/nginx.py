"""The proxy as it is composed (deploy/nginx/beenthere.conf), in front of rooms that run on ports of the loopback."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from tests.parts.programs import NotHere, Program, a_folder, free_port

CONF = Path(__file__).parents[2] / "deploy" / "nginx" / "beenthere.conf"


class Nginx:
    """A running nginx; every room it knows stands at `room_port`."""

    def __init__(self, room_port: int) -> None:
        program = shutil.which("nginx") or (shutil.which("nginx", path="/usr/sbin"))
        if program is None:
            raise NotHere("no nginx: install the package nginx-light")
        self.port, folder = free_port(), a_folder("nginx")
        conf = CONF.read_text().replace("listen 80;", f"listen 127.0.0.1:{self.port};")
        conf = conf.replace("$to-web:8000", f"127.0.0.1:{room_port}")
        # The names of rooms are looked up where they are composed; here there is one, by its address.
        conf = re.sub(r"^resolver .*$", "", conf, flags=re.MULTILINE)
        user = "user root;" if os.geteuid() == 0 else ""
        places = " ".join(
            f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes 1; pid {folder / 'pid'}; error_log {folder / 'errors'};\n"
            f"events {{ worker_connections 1024; }}\nhttp {{ {places}\n{conf}\n}}\n"
        )
        command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors")]
        self._program = Program(command, folder)
        self.said = folder

    def wait(self, answers: object) -> None:
        """Waits until it answers."""
        self._program.wait_until(answers)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Stops it."""
        self._program.stop()
