"""A real Apache Kafka, started once per run: an address that is given, else jars that Maven brings, else Docker.

KRaft, one process that is broker and controller, on the loopback. Each test has topics under a prefix of its own.
Whoever comes by the plain listener may do everything; two more listeners ask for a name and heed access lists, as the
composed broker's do: one for the services, and one with TLS for partners.
"""

from __future__ import annotations

import base64
import itertools
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError

from chassis.ids import new_secret
from tests.parts.certificates import write_certificates
from tests.parts.programs import START_SECONDS, DidNotStart, NotHere, Program, a_folder, free_port, listens

GIVEN = "BEENTHERE_TEST_KAFKA"
POM = Path(__file__).with_name("pom.xml")
VERSION = re.findall(r"<artifactId>kafka_2.13</artifactId><version>([^<]+)<", POM.read_text())[0]
IMAGE = f"apache/kafka:{VERSION}"
# A topic of ours is kept for good and never compacted (decision 0001).
TOPIC = {"cleanup.policy": "delete", "retention.ms": "-1"}
PARTITIONS = 4
JAVA = 17
# Half a gigabyte is enough for a broker of tests; the simplest collector and compiler start soonest.
JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


class Kafka:
    """One running broker; `how` says where it is from, `seconds` how long it took to answer.

    `services` and `partners` are the guarded listeners, `authority` the certificate that vouches for the latter; all
    three are empty at a broker we did not start from jars.
    """

    services = partners = authority = ""

    def __init__(
        self,
        more: Mapping[str, str] | None = None,
        format_with: Sequence[str] = (),
        admin: Mapping[str, str] | None = None,
    ) -> None:
        """`more` adds broker settings, `format_with` first users (`--add-scram`), `admin` how our admin signs in."""
        began = time.monotonic()
        self.version, self._container = VERSION, ""
        self._program: Program | None = None
        self._admin = dict(admin or {})
        self._numbers = itertools.count(1)
        if given := os.environ.get(GIVEN):
            self.bootstrap, self.how, self.version = given, "given address", ""
        elif not (missing := _missing_for_maven()):
            self.how = "Maven"
            self._start_java(_jars(), more or {}, format_with)
        elif _docker_answers():
            self.how = "Docker"
            self._start_container()
        else:
            raise NotHere(f"{missing}, no Docker engine answers, and {GIVEN} names no broker")
        self._wait_for_admin()
        self.seconds = time.monotonic() - began

    def _start_java(self, jars: Path, more: Mapping[str, str], format_with: Sequence[str]) -> None:
        folder, port, controller = a_folder("kafka"), free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        self.services, self.partners = f"127.0.0.1:{free_port()}", f"localhost:{free_port()}"
        authority, chain = write_certificates(folder)
        self.authority = str(authority)
        settings = {**_settings(port, controller), "log.dirs": str(folder / "data")}
        settings = {**settings, **guarded(settings, self.services, self.partners, str(chain)), **more}
        (folder / "server.properties").write_text("".join(f"{name}={text}\n" for name, text in settings.items()))
        java = ["java", *JVM, "-cp", f"{jars}/*"]
        done = subprocess.run(
            [
                *java, "kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", "server.properties",
                "--standalone", *format_with,
            ],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            raise DidNotStart(f"Kafka could not format its storage:\n{done.stdout}{done.stderr}")
        self._program = Program([*java, "kafka.Kafka", "server.properties"], folder)
        self._program.wait_until(lambda: listens(port))

    def _start_container(self) -> None:
        port = free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        # Inside, the broker reaches itself by the port it has there; outside, we reach it by ours.
        settings = {
            **_settings(9094, 9093),
            "listeners": "OUTSIDE://:9092,PLAINTEXT://127.0.0.1:9094,CONTROLLER://127.0.0.1:9093",
            "advertised.listeners": f"OUTSIDE://127.0.0.1:{port},PLAINTEXT://127.0.0.1:9094",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,OUTSIDE:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.quorum.voters": "1@127.0.0.1:9093",
        }
        del settings["controller.quorum.bootstrap.servers"]
        given = [f"--env=KAFKA_{name.replace('.', '_').upper()}={text}" for name, text in settings.items()]
        started = subprocess.run(
            ["docker", "run", "--detach", "--rm", f"--publish=127.0.0.1:{port}:9092", *given, IMAGE],
            capture_output=True,
            text=True,
            check=False,
        )
        if started.returncode:
            raise NotHere(f"Docker could not start {IMAGE}: {started.stderr.strip()[-300:]}")
        self._container = started.stdout.strip()

    def _wait_for_admin(self) -> None:
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            try:
                # A container's port takes connections before its broker does, so each try is a short one.
                admin = self.admin(bootstrap_timeout_ms=2_000, request_timeout_ms=2_000)
                admin.list_topics()
                admin.close()
                return
            except KafkaError:
                time.sleep(0.2)
        words = self._program.last_words() if self._program else "wrong address, or wrong credentials?"
        self.stop()
        raise DidNotStart(f"Kafka at {self.bootstrap} does not answer:\n{words}")

    def admin(self, **options: int) -> KafkaAdminClient:
        """Someone who may make and delete topics; close it."""
        return KafkaAdminClient(
            bootstrap_servers=self.bootstrap, **{"request_timeout_ms": 10_000, **options}, **self._admin
        )

    def start_again(self) -> None:
        """Kills the broker with -9 and starts it again on what it left; only one that was started here."""
        assert self._program, "only a broker of our own is killed"
        self._program.start_again(signal.SIGKILL)
        self._wait_for_admin()

    def pids(self) -> list[int]:
        """The broker's own process, when it was started here."""
        return self._program.family() if self._program else []

    @property
    def folder(self) -> Path | None:
        """Where it keeps what it holds; None of one that was not started from jars."""
        return self._program.folder / "data" if self._program else None

    def next_number(self) -> int:
        """A number for the prefix of one test."""
        return next(self._numbers)

    def stop(self) -> None:
        """Stops what was started here; a given broker is left alone."""
        if self._program:
            self._program.stop()
        if self._container:
            subprocess.run(["docker", "rm", "--force", self._container], capture_output=True, check=False)
            self._container = ""


class Topics:
    """One test's corner of the broker."""

    def __init__(self, broker: Kafka) -> None:
        self.broker, self.bootstrap = broker, broker.bootstrap
        # New each run as well, because a given broker keeps what earlier runs left.
        self.prefix = f"t{new_secret(4).hex()}.{broker.next_number()}."
        self._made: list[str] = []

    def make(self, *names: str, partitions: int = PARTITIONS) -> None:
        """Makes the topics `prefix + name`, kept for good and never compacted."""
        topics = [self.prefix + name for name in names]
        admin = self.broker.admin()
        try:
            admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=TOPIC) for topic in topics])
            admin.wait_for_topics(topics)
        finally:
            admin.close()
        self._made += topics

    def close(self) -> None:
        """Deletes every topic under the prefix, whoever made it."""
        admin = self.broker.admin()
        try:
            mine = [topic for topic in admin.list_topics() if topic.startswith(self.prefix)]
            if mine:
                admin.delete_topics(mine)
        finally:
            admin.close()


def _settings(port: int, controller: int) -> dict[str, str]:
    """A broker that is its own controller; a caller adds to these for sign-in and access lists."""
    alone = {
        f"{name}.replication.factor": "1"
        for name in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic", "default")
    }
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        **alone,
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.num.partitions": "4",
        "group.initial.rebalance.delay.ms": "0",
        "auto.create.topics.enable": "false",
    }


# What the broker needs on a listener whose users have SCRAM passwords.
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


def guarded(settings: Mapping[str, str], services: str, partners: str, chain: str) -> dict[str, str]:
    """The settings that add two listeners with passwords and access lists; whoever is nameless may do everything.

    The same names stand in deploy/compose.py; a test of the architecture holds the two against each other.
    """
    more = f",SERVICES://{services},PARTNERS://{partners}"
    protocols = ",SERVICES:SASL_PLAINTEXT,PARTNERS:SASL_SSL"
    return {
        "listeners": settings["listeners"] + more,
        "advertised.listeners": settings["advertised.listeners"] + more,
        "listener.security.protocol.map": settings["listener.security.protocol.map"] + protocols,
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.services.scram-sha-512.sasl.jaas.config": _SCRAM,
        "listener.name.partners.scram-sha-512.sasl.jaas.config": _SCRAM,
        "listener.name.partners.ssl.keystore.type": "PEM",
        "listener.name.partners.ssl.keystore.location": chain,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }


def _cluster_id() -> str:
    return base64.urlsafe_b64encode(b"\x00" + new_secret(15)).decode().rstrip("=")


def _missing_for_maven() -> str:
    """Says what is missing for a broker of our own; empty when nothing is."""
    for name in ("java", "mvn"):
        if not shutil.which(name):
            return f"no {name} (Java {JAVA} and Maven start Kafka from its released jars)"
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if not found or int(found[1]) < JAVA:
        return f"Java {JAVA} is needed, and java is {found[1] if found else 'unknown'}"
    return ""


def _jars() -> Path:
    """The folder of jars, brought by Maven the first time and kept in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "beenthere"
    kept = cache / f"kafka-{VERSION}-{abs(_sum(POM)):x}"
    if kept.is_dir():
        return kept
    coming = cache / f"coming-{os.getpid()}"
    shutil.rmtree(coming, ignore_errors=True)
    coming.mkdir(parents=True)
    done = subprocess.run(
        ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={coming}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        shutil.rmtree(coming, ignore_errors=True)
        raise NotHere(f"Maven could not bring Kafka {VERSION}: {(done.stdout + done.stderr).strip()[-300:]}")
    try:
        coming.rename(kept)
    except OSError:  # another run was first
        shutil.rmtree(coming, ignore_errors=True)
    return kept


def _sum(path: Path) -> int:
    import zlib

    return zlib.crc32(path.read_bytes())


def _docker_answers() -> bool:
    if not shutil.which("docker"):
        return False
    try:
        asked = subprocess.run(["docker", "version"], capture_output=True, check=False, timeout=15)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0
