"""Writes docker-compose.yml from the list of services, so that fourteen near-equal entries never drift apart.

python deploy/compose.py > docker-compose.yml
"""

from __future__ import annotations

import sys

SERVICES = ("home", "partners", "referrals", "matching", "support", "supervision", "reporting")

HEAD = """\
# The production shape on one machine: each service its own processes, PostgreSQL, Kafka, one origin.
# Made by deploy/compose.py; change it there. First: cp .env.example .env, and put your own secrets in.
name: beenthere

x-room: &room
  restart: unless-stopped
  init: true
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  secrets: [master_key, audit_key]

x-parts: &parts
  postgres: {condition: service_healthy}
  keys: {condition: service_healthy}
  keeper: {condition: service_healthy}
  topics: {condition: service_completed_successfully}

x-settings: &settings
  BEENTHERE_DATA: /tmp
  BEENTHERE_KAFKA: kafka:9092
  BEENTHERE_KAFKA_PASSWORD: "${KAFKA_SERVICES_PASSWORD:?set it in .env}"
  BEENTHERE_DATABASE_URL: "postgresql+psycopg://{service}:${SERVICES_PASSWORD:?set it in .env}@postgres/{service}"
  BEENTHERE_MASTER_KEY_FILE: /run/secrets/master_key
  BEENTHERE_AUDIT_KEY_FILE: /run/secrets/audit_key
  BEENTHERE_ORIGIN: "${BEENTHERE_ORIGIN:-http://127.0.0.1:${BEENTHERE_PORT:-8400}}"
  BEENTHERE_DEMO: "${BEENTHERE_DEMO:-no}"
  BEENTHERE_FHIR_SERVICE_IDS: "${BEENTHERE_FHIR_SERVICE_IDS:-}"

services:
  postgres:
    image: postgres:17
    restart: unless-stopped
    environment:
      POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?set it in .env}"
      SERVICES_PASSWORD: "${SERVICES_PASSWORD}"
      TABLES_PASSWORD: "${TABLES_PASSWORD:?set it in .env}"
      BACKUP_PASSWORD: "${BACKUP_PASSWORD:?set it in .env}"
    volumes:
      - records:/var/lib/postgresql/data
      - ./deploy/postgres/databases.sh:/docker-entrypoint-initdb.d/databases.sh:ro
    healthcheck: {test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "postgres"], interval: 3s, timeout: 5s, retries: 20}

  # The key store is a cluster of its own, outside the services' backups.
  keys:
    image: postgres:17
    restart: unless-stopped
    environment:
      POSTGRES_USER: keys
      POSTGRES_DB: keys
      POSTGRES_PASSWORD: "${KEYS_PASSWORD:?set it in .env}"
      KEYS_ROOMS_PASSWORD: "${KEYS_ROOMS_PASSWORD:?set it in .env}"
      KEYS_KEEPER_PASSWORD: "${KEYS_KEEPER_PASSWORD:?set it in .env}"
    volumes:
      - keys:/var/lib/postgresql/data
      - ./deploy/postgres/keys.sh:/docker-entrypoint-initdb.d/keys.sh:ro
      - ./deploy/postgres/keys.sql:/keys.sql:ro
    healthcheck: {test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "keys"], interval: 3s, timeout: 5s, retries: 20}

  # Rotates the epochs of keys in time and copies the store once a day, for a week (docs/keys.md).
  keeper:
    image: beenthere-home
    restart: unless-stopped
    init: true
    entrypoint: ["python", "-m", "chassis.keys_command"]
    command: ["keep", "/copies"]
    read_only: true
    tmpfs: [/tmp]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    secrets: [master_key]
    environment:
      BEENTHERE_DATA: /tmp
      BEENTHERE_KEYS_URL: "postgresql+psycopg://keeper:${KEYS_KEEPER_PASSWORD}@keys/keys"
      BEENTHERE_MASTER_KEY_FILE: /run/secrets/master_key
      BEENTHERE_ERASURE_LEDGER: /ledger/forgotten.ledger
    volumes: ["copies:/copies", "ledger:/ledger"]
    depends_on: {keys: {condition: service_healthy}}
    healthcheck: {test: ["CMD", "python", "-m", "chassis.keys_command", "status"], interval: 30s, timeout: 10s, retries: 3, start_period: 30s, start_interval: 2s}

  kafka:
    image: apache/kafka:4.1.1
    restart: unless-stopped
    environment:
      KAFKA_NODE_ID: "1"
      KAFKA_PROCESS_ROLES: broker,controller
      # Whoever is nameless may do everything, and is so at LOCAL alone: from inside this container's own network.
      # Rooms sign in, and may do what deploy/kafka/topology.toml says; for partners see deploy/kafka/partners.yml.
      KAFKA_LISTENERS: LOCAL://127.0.0.1:9095,SERVICES://:9092,CONTROLLER://127.0.0.1:9093
      KAFKA_ADVERTISED_LISTENERS: LOCAL://127.0.0.1:9095,SERVICES://kafka:9092
      KAFKA_CONTROLLER_LISTENER_NAMES: CONTROLLER
      KAFKA_INTER_BROKER_LISTENER_NAME: LOCAL
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: CONTROLLER:PLAINTEXT,LOCAL:PLAINTEXT,SERVICES:SASL_PLAINTEXT
      KAFKA_CONTROLLER_QUORUM_VOTERS: 1@127.0.0.1:9093
      KAFKA_SASL_ENABLED_MECHANISMS: SCRAM-SHA-512
      KAFKA_LISTENER_NAME_SERVICES_SCRAM___SHA___512_SASL_JAAS_CONFIG: org.apache.kafka.common.security.scram.ScramLoginModule required;
      KAFKA_AUTHORIZER_CLASS_NAME: org.apache.kafka.metadata.authorizer.StandardAuthorizer
      KAFKA_SUPER_USERS: User:ANONYMOUS
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1"
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: "1"
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: "1"
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0"
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false"
      KAFKA_LOG_DIRS: /var/lib/kafka/data
    volumes: ["log:/var/lib/kafka/data"]
    healthcheck:
      test: ["CMD-SHELL", "/opt/kafka/bin/kafka-topics.sh --bootstrap-server 127.0.0.1:9095 --list > /dev/null"]
      interval: 5s
      timeout: 15s
      retries: 20
      start_period: 20s

  # Makes the broker as it is written, and ends; in the broker's own network, where alone that may be done.
  topics:
    image: beenthere-home
    entrypoint: ["python", "-m", "chassis.events.topology"]
    command: ["apply", "--silent", "--file", "/topology.toml"]
    network_mode: "service:kafka"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    environment: {BEENTHERE_KAFKA: "127.0.0.1:9095", KAFKA_PASSWORD_SERVICES: "${KAFKA_SERVICES_PASSWORD}"}
    volumes: ["./deploy/kafka/topology.toml:/topology.toml:ro"]
    depends_on: {kafka: {condition: service_healthy}}
"""

# Brings the tables up as the role that may, and ends; the room itself signs in as one that owns nothing.
ROOM = """
  {name}-tables:
    image: beenthere-{name}
    command: ["--migrate"]
    read_only: true
    tmpfs: [/tmp]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    environment:
      BEENTHERE_DATA: /tmp
      BEENTHERE_DATABASE_URL: "postgresql+psycopg://{name}_tables:${{TABLES_PASSWORD}}@postgres/{name}"
    depends_on: {{postgres: {{condition: service_healthy}}}}
  {name}-web:
    <<: *room
    image: beenthere-{name}
    build: {{context: ., dockerfile: deploy/Dockerfile, args: {{SERVICE: {name}}}}}
    command: ["--roles", "web"]
    depends_on: {{<<: *parts, {name}-tables: {{condition: service_completed_successfully}}}}
    environment:
      <<: *settings
      BEENTHERE_KAFKA_USER: service.{name}
      BEENTHERE_KEYS_URL: "postgresql+psycopg://{name}:${{KEYS_ROOMS_PASSWORD}}@keys/keys"
      BEENTHERE_SERVER: gunicorn{more}
  {name}-carry:
    <<: *room
    image: beenthere-{name}
    command: ["--roles", "relay,listen,tick"]
    depends_on: {{<<: *parts, {name}-tables: {{condition: service_completed_successfully}}}}
    environment:
      <<: *settings
      BEENTHERE_KAFKA_USER: service.{name}
      BEENTHERE_KEYS_URL: "postgresql+psycopg://{name}:${{KEYS_ROOMS_PASSWORD}}@keys/keys"{carries}
"""

# Whom alone the identity provider's settings concern, and the key that proves to it who we are.
PROVIDER = """
    secrets: [master_key, audit_key, oidc_key]"""
LEDGER = """
      BEENTHERE_ERASURE_LEDGER: /ledger/forgotten.ledger
    volumes: ["ledger:/ledger"]"""
OIDC = (
    "ISSUER",
    "CLIENT_ID",
    "KEY_ALGORITHM",
    "KEY_ID",
    "ALGORITHMS",
    "NAME",
    "SCOPE",
    "ACR",
    "ASSURANCE",
    "EMAIL_CLAIM",
)

# Whom alone the settings of e-mail and texts concern: the process whose clocks send.
SENDER = """
    secrets: [master_key, audit_key, smtp_password, smtp_ca, sms_secret]"""
SENDING = (
    "SMTP_HOST",
    "SMTP_PORT",
    "SMTP_SECURITY",
    "SMTP_NAME",
    "MAIL_FROM",
    "MAIL_FROM_NAME",
    "MAIL_FROM_DISCREET",
    "SMS_URL",
)
SENDING_FILES = ("SMTP_PASSWORD_FILE", "SMTP_CA", "SMS_SECRET_FILE")

TAIL = """
  proxy:
    image: nginx:1
    restart: unless-stopped
    ports: ["127.0.0.1:${BEENTHERE_PORT:-8400}:80"]
    volumes: ["./deploy/nginx/beenthere.conf:/etc/nginx/conf.d/default.conf:ro"]
    depends_on: {home-web: {condition: service_healthy}}
    healthcheck: {test: ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1/ || curl -fsS -o /dev/null http://127.0.0.1/"], interval: 5s, timeout: 5s, retries: 12}

secrets:
  master_key: {file: "${MASTER_KEY_FILE:-./master.key}"}
  audit_key: {file: "${AUDIT_KEY_FILE:-./audit.key}"}
  oidc_key: {file: "${OIDC_KEY_FILE:-/dev/null}"}
  smtp_password: {file: "${SMTP_PASSWORD_FILE:-/dev/null}"}
  smtp_ca: {file: "${SMTP_CA:-/dev/null}"}
  sms_secret: {file: "${SMS_SECRET_FILE:-/dev/null}"}

volumes: {records: {}, keys: {}, copies: {}, ledger: {}, log: {}}
"""


def main() -> None:
    """Writes the whole file to standard output."""
    sys.stdout.write(HEAD + "".join(room(name) for name in SERVICES) + TAIL)


def room(name: str) -> str:
    """The two processes of one room."""
    # Whoever is forgotten goes on the erasure ledger, which that room alone writes.
    ledger = LEDGER if name == "referrals" else ""
    if name != "partners":
        return ROOM.format(name=name, more=ledger, carries=ledger)
    of_provider = [f'BEENTHERE_OIDC_{one}: "${{BEENTHERE_OIDC_{one}:-}}"' for one in OIDC]
    of_provider.append('BEENTHERE_OIDC_KEY_FILE: "${OIDC_KEY_FILE:+/run/secrets/oidc_key}"')
    of_sending = [f'BEENTHERE_{one}: "${{BEENTHERE_{one}:-}}"' for one in SENDING]
    for one in SENDING_FILES:
        secret = one.removesuffix("_FILE")
        of_sending.append(f'BEENTHERE_{one}: "${{{one}:+/run/secrets/{secret.lower()}}}"')
    return ROOM.format(name=name, more=_lines(of_provider) + PROVIDER, carries=_lines(of_sending) + SENDER)


def _lines(settings: list[str]) -> str:
    return "".join(f"\n      {one}" for one in settings)


if __name__ == "__main__":
    main()
