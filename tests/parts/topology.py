"""The topology of the house at a broker of the tests, under a prefix and with partners of a test's own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from click.testing import CliRunner, Result

from chassis.events.topology.command import topology
from tests.parts.kafka import Topics

FILE = Path(__file__).parents[2] / "deploy" / "kafka" / "topology.toml"


class Topology:
    """The commands, with a file whose partners are given.

    Users, rights and quotas stay until the broker goes: it is one the tests started, and every name has a prefix.
    """

    def __init__(self, topics: Topics, folder: Path, codes: Iterable[str], rooms: Iterable[str] = ()) -> None:
        """`rooms` leaves only these; making topics takes most of the time."""
        self.topics, self.path = topics, folder / "topology.toml"
        self.write(codes, rooms)

    def write(self, codes: Iterable[str], rooms: Iterable[str] = ()) -> None:
        """Writes the file anew."""
        kept = set(rooms)
        lines = FILE.read_text().replace("codes = []", f"codes = {sorted(codes)!r}").splitlines()
        inside, text = "", []
        for line in lines:
            inside = line.strip("[]") if line.startswith("[") else inside
            name, _, reads = line.partition(" = ")
            if kept and inside == "rooms" and reads:
                if name not in kept:
                    continue
                owners = [owner for owner in reads.strip("[]").replace('"', "").split(", ") if owner in kept]
                line = f"{name} = {owners!r}"
            text.append(line)
        self.path.write_text("\n".join(text))

    def run(self, *words: str, **environment: str) -> Result:
        """Runs a command of the topology against the broker."""
        broker = self.topics.broker
        asked = ["--file", str(self.path), "--kafka", broker.bootstrap, "--prefix", self.topics.prefix]
        return CliRunner().invoke(topology, [*words, *asked], env=environment)

    def apply(self, **passwords: str) -> None:
        """Makes the broker as it is written; passwords by the name of their variable."""
        done = self.run("apply", **passwords)
        assert done.exit_code == 0, done.output
