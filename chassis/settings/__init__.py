"""Environment to one frozen object; faulty settings refuse the start with all faults listed, no secret printed."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from chassis.errors import Misbuilt
from chassis.ids import new_token
from chassis.settings import oidc, sending, vault
from chassis.settings.oidc import OidcSettings
from chassis.settings.sending import SendingSettings
from chassis.settings.vault import VaultSettings

ROLES = ("web", "relay", "listen", "tick")
PREFIX = "BEENTHERE_"
_TRUE = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?")
P = TypeVar("P")


class SettingsFaulty(Misbuilt):
    """Some settings cannot be used; the message lists every one."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(
            "These settings need mending before the service can start:\n" + "\n".join(f"- {f}" for f in faults)
        )


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one running and another."""

    data: Path = Path("var")
    database_url: str = field(default="", repr=False)
    keys_url: str = field(default="", repr=False)
    kafka: str = ""
    kafka_user: str = ""
    kafka_password: str = field(default="", repr=False)
    kafka_ca: Path | None = None
    topic_prefix: str = ""
    slot: str = "0"
    master_key_file: Path | None = None
    # Who keeps the master key instead of a file.
    vault: VaultSettings = field(default_factory=VaultSettings)
    erasure_ledger: Path | None = None
    # How browsers and systems reach the house: scheme, host and port.
    origin: str = ""
    audit_key_file: Path | None = None
    audit_heads: Path | None = None
    demo: bool = False
    oidc: OidcSettings = field(default_factory=OidcSettings)
    sending: SendingSettings = field(default_factory=SendingSettings)
    test_numbers: bool = False
    fhir_service_ids: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8400
    server: str = "waitress"
    log_level: str = "info"
    policy: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    relaxed: bool = False

    def database_for(self, service: str) -> str:
        """A service's own database: the setting with `{service}` filled in, else a file in the data folder."""
        if self.database_url:
            return self.database_url.replace("{service}", service)
        return f"sqlite:///{self.data / service}.sqlite"

    @property
    def our_origin(self) -> str:
        """The address under which everybody reaches the house, without a path."""
        return (self.origin or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us by HTTPS alone."""
        return self.our_origin.startswith("https://")

    @property
    def keys_address(self) -> str:
        """The address of the key store."""
        return self.keys_url or f"sqlite:///{self.data / 'keys.sqlite'}"

    @property
    def master_key_path(self) -> Path:
        """The file that holds the master key."""
        return self.master_key_file or self.data / "master.key"

    @property
    def ledger_path(self) -> Path:
        """The erasure ledger; in the data folder it comes back with whatever is put back there."""
        return self.erasure_ledger or self.data / "forgotten.ledger"

    @property
    def audit_key_path(self) -> Path:
        """The file that holds the key by which heads of the audit chain are signed."""
        return self.audit_key_file or self.data / "audit.key"


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Reads `BEENTHERE_*` into Settings; raises SettingsFaulty with every fault at once, never a secret's value."""
    environment = os.environ if environment is None else environment
    given = {name.removeprefix(PREFIX).lower(): text for name, text in environment.items() if name.startswith(PREFIX)}
    known = {f.name for f in fields(Settings)} - {"relaxed", "policy", "oidc", "sending", "vault"}
    known |= {"policy_file"} | oidc.NAMES | sending.NAMES | vault.NAMES
    faults = [
        f"{PREFIX}{name.upper()} is not a setting; see .env.example"
        for name in sorted(given.keys() - known)
        if not name.startswith("test_") or name == "test_numbers"
    ]
    made: dict[str, Any] = {}
    of_provider: dict[str, Any] = {}
    of_sending: dict[str, Any] = {}
    of_vault: dict[str, Any] = {}
    for name, text in given.items():
        if name not in known:
            continue
        try:
            if name in oidc.NAMES:
                short = name.removeprefix("oidc_")
                # A blank one is not set: a compose file passes on what is empty.
                of_provider.update({short: oidc.value(short, text.strip())} if text.strip() else {})
            elif name in sending.NAMES:
                of_sending.update({name: sending.value(name, text.strip())} if text.strip() else {})
            elif name in vault.NAMES:
                short = name.removeprefix("vault_")
                of_vault.update({short: vault.value(short, text.strip())} if text.strip() else {})
            else:
                made.update(_value(name, text.strip()))
        except ValueError as fault:
            faults.append(f"{PREFIX}{name.upper()} {fault}")
    settings = Settings(
        **made, oidc=OidcSettings(**of_provider), sending=SendingSettings(**of_sending), vault=VaultSettings(**of_vault)
    )
    faults += _together(settings) + oidc.faults(settings.oidc, of_provider) + vault.faults(settings.vault, of_vault)
    faults += sending.faults(settings.sending, of_sending, is_demo=settings.demo)
    if faults:
        raise SettingsFaulty(faults)
    return settings


def _value(name: str, text: str) -> dict[str, Any]:
    if name in {"demo", "test_numbers"}:
        if text.lower() not in _TRUE:
            raise ValueError("must be yes or no")
        return {name: _TRUE[text.lower()]}
    if name == "port":
        if not text.isdigit() or not 0 <= int(text) <= 65535:
            raise ValueError("must be a port number from 0 to 65535")
        return {name: int(text)}
    if name == "data":
        return {name: Path(text)}
    if name in {"master_key_file", "kafka_ca", "audit_key_file", "audit_heads", "erasure_ledger"}:
        return {name: Path(text) if text else None}
    if name == "fhir_service_ids":
        return {name: tuple(part.strip() for part in text.split(",") if part.strip())}
    if name == "policy_file":
        return {"policy": _policy(Path(text))} if text else {}
    if name == "server" and text not in {"waitress", "gunicorn"}:
        raise ValueError("must be waitress or gunicorn")
    if name == "log_level" and text not in {"debug", "info", "warning", "error"}:
        raise ValueError("must be debug, info, warning or error")
    return {name: text}


def _policy(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise ValueError("names a file that does not exist") from None
    except OSError as fault:
        raise ValueError(f"names a file that cannot be read ({fault.strerror})") from None
    except ValueError as fault:
        raise ValueError(f"names a file that is not TOML: {fault}") from None
    if any(not isinstance(part, dict) for part in found.values()):
        raise ValueError("must hold one table per service")
    return found


def _together(settings: Settings) -> list[str]:
    faults = []
    if settings.demo and settings.oidc:
        faults.append("BEENTHERE_DEMO and BEENTHERE_OIDC_ISSUER are both set; a demo never runs beside real sign-in")
    if settings.origin and not _ORIGIN.fullmatch(settings.origin):
        faults.append(
            "BEENTHERE_ORIGIN must be a scheme, a host and perhaps a port, such as https://network.example.org"
        )
    elif not settings.demo and settings.origin and not settings.is_secure:
        faults.append("BEENTHERE_ORIGIN must begin with https://; without it nobody's session is safe outside a demo")
    if settings.oidc and not settings.origin:
        faults.append("BEENTHERE_ORIGIN must be set beside BEENTHERE_OIDC_ISSUER; the provider sends people back to it")
    if settings.kafka and not settings.database_url:
        faults.append("BEENTHERE_KAFKA is set without BEENTHERE_DATABASE_URL; the production shape needs PostgreSQL")
    if bool(settings.kafka_user) != bool(settings.kafka_password):
        faults.append("BEENTHERE_KAFKA_USER and BEENTHERE_KAFKA_PASSWORD belong together; one of them is not set")
    if settings.kafka_ca and not settings.kafka_ca.is_file():
        faults.append("BEENTHERE_KAFKA_CA names a file that does not exist")
    if settings.audit_heads and not settings.audit_heads.is_dir():
        faults.append("BEENTHERE_AUDIT_HEADS names a folder that does not exist")
    for name, url in (("DATABASE_URL", settings.database_url), ("KEYS_URL", settings.keys_url)):
        if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            faults.append(f"BEENTHERE_{name} must begin with sqlite:/// or postgresql+psycopg://")
    return faults


def read_policy(policy: type[P], overrides: Mapping[str, Any] | None) -> P:
    """Gives a service's numbers with the network's overrides; refuses a name or a type the policy does not have."""
    overrides = overrides or {}
    types = {f.name: type(getattr(policy(), f.name)) for f in fields(policy)}  # type: ignore[arg-type]
    faults = [f"{name} is not a number of this policy" for name in sorted(overrides.keys() - types.keys())]
    faults += [
        f"{name} must be {types[name].__name__}"
        for name, value in overrides.items()
        if name in types and type(value) is not types[name]
    ]
    if faults:
        raise SettingsFaulty([f"policy file: {fault}" for fault in faults])
    return policy(**overrides)


def secret_from(path: Path) -> str:
    """Reads a secret from a file only its owner may read; makes file and secret when there is none.

    Refuses (SettingsFaulty) a file that others can read, or that we cannot.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(new_token())
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & 0o077:
        raise SettingsFaulty([f"{path} can be read by others; set its mode to 600"])
    try:
        return path.read_text().strip()
    except PermissionError:
        fault = f"{path} cannot be read by this process (user {os.geteuid()}); make that user its owner"
        raise SettingsFaulty([fault]) from None
