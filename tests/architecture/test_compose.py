"""The production shape on paper: compose, proxy and settings agree with the list of rooms and their addresses."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from chassis.settings import PREFIX, Settings, oidc, sending, vault
from contracts.addresses import PREFIXES, SERVICES, owner_of
from deploy import compose
from tests.architecture.the_code import ROOT

WRITTEN = (ROOT / "docker-compose.yml").read_text()
SHAPE: dict[str, Any] = yaml.safe_load(WRITTEN)
STARTED: dict[str, dict[str, Any]] = SHAPE["services"]
PROXY = (ROOT / "deploy" / "nginx" / "beenthere.conf").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()


def test_the_file_is_what_its_maker_makes() -> None:
    made = subprocess.run([sys.executable, "deploy/compose.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert made.stdout == WRITTEN, "run: python deploy/compose.py > docker-compose.yml"
    assert compose.SERVICES == SERVICES


def test_each_room_is_one_image_in_a_web_and_a_carrying_process() -> None:
    for room in SERVICES:
        web, carry, before = (STARTED[f"{room}-{process}"] for process in ("web", "carry", "tables"))
        assert before["image"] == web["image"]
        assert before["command"] == ["--migrate"]
        assert web["image"] == carry["image"] == f"beenthere-{room}"
        assert web["build"]["args"] == {"SERVICE": room}
        roles = f"{web['command'][1]},{carry['command'][1]}".split(",")
        assert sorted(roles) == ["listen", "relay", "tick", "web"]


@pytest.mark.parametrize(
    ("name", "image"), [("postgres", "postgres:17"), ("keys", "postgres:17"), ("kafka", "apache/kafka:4.1.1")]
)
def test_what_the_rooms_ride_on_is_pinned_and_looked_after(name: str, image: str) -> None:
    assert STARTED[name]["image"] == image
    assert STARTED[name]["healthcheck"]["test"]


def test_whatever_keeps_running_has_a_health_check() -> None:
    own = {name for name, started in STARTED.items() if str(started["image"]).startswith("beenthere-")}
    assert "HEALTHCHECK" in (ROOT / "deploy" / "Dockerfile").read_text()
    once = {"topics"}
    # It answers nobody, so it has a check of its own.
    assert {name for name, started in STARTED.items() if "healthcheck" not in started} == own - {"keeper"} | once


def test_nothing_listens_beyond_this_machine() -> None:
    ports = [port for started in STARTED.values() for port in started.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_key_store_is_a_cluster_of_its_own() -> None:
    assert STARTED["keys"]["volumes"] != STARTED["postgres"]["volumes"]
    settings = STARTED["home-web"]["environment"]
    for room in SERVICES:
        for process in ("web", "carry"):
            signs_in = STARTED[f"{room}-{process}"]["environment"]["BEENTHERE_KEYS_URL"]
            assert signs_in == f"postgresql+psycopg://{room}:${{KEYS_ROOMS_PASSWORD}}@keys/keys"
    holders = {name for name, started in STARTED.items() if "KEYS_KEEPER_PASSWORD" in str(started)}
    assert holders == {"keys", "keeper"}
    # The ledger is apart from what a restore puts back, and written by the room that forgets alone.
    writes = {name for name, started in STARTED.items() if "ledger:/ledger" in started.get("volumes", [])}
    assert writes == {"keeper", "referrals-web", "referrals-carry"}
    assert "@postgres/{service}" in settings["BEENTHERE_DATABASE_URL"]


def test_a_room_runs_without_rights_it_does_not_need() -> None:
    for room in SERVICES:
        for process in ("web", "carry", "tables"):
            started = STARTED[f"{room}-{process}"]
            assert started["read_only"] is True
            assert started["cap_drop"] == ["ALL"]
            assert started["security_opt"] == ["no-new-privileges:true"]
    assert re.search(r"^USER beenthere$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)


def test_an_image_holds_one_room_and_no_test_no_tool_and_no_history() -> None:
    last = (ROOT / "deploy" / "Dockerfile").read_text().split("\nFROM ")[-1]
    copied = [line.split()[1:] for line in last.splitlines() if line.startswith(("COPY", "ADD"))]
    assert copied == [
        ["--from=build", "/venv", "/venv"], ["contracts", "./contracts"], ["chassis", "./chassis"],
        ["services/$SERVICE", "./services/$SERVICE"],
    ]  # fmt: skip
    assert "dev" not in re.findall(r"requirements\.py (\S+)", (ROOT / "deploy" / "Dockerfile").read_text())


def test_tables_are_brought_up_by_a_role_that_no_room_signs_in_as() -> None:
    for room in SERVICES:
        for process in ("web", "carry"):
            started = STARTED[f"{room}-{process}"]
            assert "//{service}:${SERVICES_PASSWORD" in started["environment"]["BEENTHERE_DATABASE_URL"]
            assert "TABLES_PASSWORD" not in str(started)
            assert started["depends_on"][f"{room}-tables"] == {"condition": "service_completed_successfully"}
            assert started["depends_on"]["keys"] == {"condition": "service_healthy"}
        before = STARTED[f"{room}-tables"]
        signs_in = before["environment"]["BEENTHERE_DATABASE_URL"]
        assert signs_in.endswith(f"//{room}_tables:${{TABLES_PASSWORD}}@postgres/{room}")
    assert "BACKUP_PASSWORD" in STARTED["postgres"]["environment"]
    assert not any("BACKUP_PASSWORD" in str(started) for name, started in STARTED.items() if name != "postgres")


def test_every_setting_that_is_given_is_one_a_service_reads() -> None:
    names = {*Settings.__dataclass_fields__, *oidc.NAMES, *sending.NAMES, *vault.NAMES, "policy_file"}
    names -= {"oidc", "sending", "vault"}
    known = {f"{PREFIX}{name.upper()}" for name in names}
    given = {name for started in STARTED.values() for name in started.get("environment", {}) if name.startswith(PREFIX)}
    assert given <= known
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", EXAMPLE)) <= known


def test_the_identity_providers_settings_are_one_processs_alone_and_all_of_them() -> None:
    given = {
        name: {setting for setting in started.get("environment", {}) if setting.startswith(f"{PREFIX}OIDC_")}
        for name, started in STARTED.items()
    }
    assert {name for name, settings in given.items() if settings} == {"partners-web"}
    assert given["partners-web"] == {f"{PREFIX}{name.upper()}" for name in oidc.NAMES}
    holders = {name for name, started in STARTED.items() if "oidc_key" in started.get("secrets", [])}
    assert holders == {"partners-web"}


def test_the_settings_of_email_and_texts_are_the_sending_processs_alone_and_all_of_them() -> None:
    names = {f"{PREFIX}{name.upper()}" for name in sending.NAMES}
    given = {name: names & set(started.get("environment", {})) for name, started in STARTED.items()}
    assert {name for name, settings in given.items() if settings} == {"partners-carry"}
    assert given["partners-carry"] == names
    for secret in ("smtp_password", "smtp_ca", "sms_secret"):
        assert {name for name, started in STARTED.items() if secret in started.get("secrets", [])} == {"partners-carry"}


def test_every_secret_compose_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", WRITTEN))
    assert asked - set(re.findall(r"^#? ?([A-Z_]+)=", EXAMPLE, re.MULTILINE)) == set()


def test_no_secret_stands_in_the_files() -> None:
    given = [pair for started in STARTED.values() for pair in started.get("environment", {}).items()]
    named = [(name, text) for name, text in given if re.search("PASSWORD|SECRET", name)]
    secrets = [text for name, text in named if not name.endswith("_FILE")]
    files = [text for name, text in named if name.endswith("_FILE")]
    # Where texts are handed over holds no password: the settings refuse one.
    addresses = [text for name, text in given if name.endswith("_URL") and name != f"{PREFIX}SMS_URL"]
    assert secrets
    assert files
    assert all(re.fullmatch(r"\$\{[A-Z_]+:\+/run/secrets/[a-z_]+\}", text) for text in files)
    assert all(re.fullmatch(r"\$\{[A-Z_]+(?::\?[a-z .]+)?\}", text) for text in secrets)
    assert all(re.search(r"://[^:]+:\$\{[A-Z_]+(?::\?[a-z .]+)?\}@", text) for text in addresses)


# ---- one origin -----------------------------------------------------------------------------------------------------


def rooms_of(proxy: str, path: str) -> str:
    """Which room the proxy hands a path to: the first location whose pattern fits, else home; "" for none at all."""
    for pattern, room, ends in re.findall(r"location ~ (\S+) \{(?: set \$to (\w+);)?( return 404;)?", proxy):
        fits = re.match(pattern.replace("(?<to>", "(?P<to>"), path)
        if fits:
            return "" if ends else str(room or fits["to"])
    return "home"


@pytest.mark.parametrize("prefix", sorted(PREFIXES))
def test_the_proxy_hands_a_path_to_the_room_that_owns_it(prefix: str) -> None:
    ending = {"/openapi": "", "/ops": "/ready"}.get("/" + prefix.split("/")[1], "/anything")
    for path in {prefix.rstrip("/") + ending, prefix} - ({prefix} if ending == "/ready" else set()):
        assert rooms_of(PROXY, path) == owner_of(path), path


@pytest.mark.parametrize("path", ["/", "/demo", "/docs", "/events", "/work", "/supporters", "/reportsx", "/fhirs"])
def test_what_nobody_owns_goes_to_the_front_hall(path: str) -> None:
    assert rooms_of(PROXY, path) == owner_of(path) == "home"


@pytest.mark.parametrize("path", ["/metrics", "/ready", "/ops/home/metrics", "/ops/referrals/metrics", "/ops/nobody"])
def test_metrics_are_handed_to_nobody_outside(path: str) -> None:
    assert rooms_of(PROXY, path) == ""


def test_a_path_the_proxy_hands_to_the_wrong_room_is_seen() -> None:
    wrong = PROXY.replace("set $to matching", "set $to support", 1)
    assert rooms_of(wrong, "/matching/board") != owner_of("/matching/board")


# ---- a browser's session --------------------------------------------------------------------------------------------


def cookies_for(path: str, sent: str) -> str:
    """The cookies a room is handed for a path, by the proxy's own maps."""
    (partners,) = re.findall(r'map \$uri \$keeps_session \{ default 0; "~(\S+)" 1; \}', PROXY)
    if re.match(partners, path):
        return sent
    for before, pattern, after in re.findall(r'"~\^\(\?<(\w+)>(\S*.*?)\$" \$\w+?\$(\w+);', PROXY):
        named = re.sub(r"\(\?<(\w+)>", r"(?P<\1>", f"^(?<{before}>{pattern}$")
        if found := re.match(named, sent):
            sent = found[before] + found[after]
    return sent


@pytest.mark.parametrize("begun", ["", "__Host-begun=b; "])
@pytest.mark.parametrize("session", ["__Host-session=s3cret-_", "beenthere_session=s3cret-_"])
def test_a_browsers_session_reaches_the_partners_room_alone(session: str, begun: str) -> None:
    sent = f"a=1; {begun}{session}; __Host-pass=p"
    for prefix, room in PREFIXES.items():
        handed = cookies_for(prefix + ("anything" if prefix == "/" else "/anything"), sent)
        if room == "partners" and not prefix.startswith(("/openapi", "/ops", "/services")):
            assert handed == sent, prefix
        else:
            assert "s3cret" not in handed, prefix
            assert "begun" not in handed, prefix
            assert {"a=1", "__Host-pass=p"} <= set(handed.split("; ")), prefix
    assert cookies_for("/work", session) == ""
    assert cookies_for("/work", "a=1; b=2") == "a=1; b=2"
