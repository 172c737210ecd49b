#!/bin/bash
# Makes one database for each service and its roles; docs/runbook.md, Roles of the databases, says what each is for.
#   <service>         signs in to work: reads and writes rows, owns nothing, and every policy holds for it
#   <service>_owner   owns the tables; nobody signs in as it
#   <service>_tables  signs in to change the shape of the tables, as their owner; only `--migrate` does
#   backup            signs in to copy everything; the one role that row security lets past
set -euo pipefail
as_superuser() { psql -v ON_ERROR_STOP=1 --quiet --username "$POSTGRES_USER" "$@"; }

as_superuser --dbname postgres -v password="$BACKUP_PASSWORD" <<'SQL'
SELECT format('CREATE ROLE backup LOGIN BYPASSRLS PASSWORD %L', :'password') \gexec
GRANT pg_read_all_data TO backup;
SQL

for service in home partners referrals matching support supervision reporting; do
  as_superuser --dbname postgres \
    -v service="$service" -v password="$SERVICES_PASSWORD" -v tables_password="$TABLES_PASSWORD" <<'SQL'
SELECT format('CREATE ROLE %I NOLOGIN', :'service' || '_owner') \gexec
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', :'service', :'password') \gexec
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L IN ROLE %I', :'service' || '_tables', :'tables_password', :'service' || '_owner') \gexec
SELECT format('ALTER ROLE %I SET role TO %I', :'service' || '_tables', :'service' || '_owner') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'service' || '_owner') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'service') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I, backup', :'service', :'service' || '_tables') \gexec
-- A schema of its own it may make: what `beenthere events rebuild` hears anew stands there until it is put in place.
SELECT format('GRANT CONNECT, TEMPORARY, CREATE ON DATABASE %I TO %I', :'service', :'service') \gexec
SQL
  # No TRUNCATE and no REFERENCES: neither heeds row security.
  as_superuser --dbname "$service" -v service="$service" <<'SQL'
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SELECT format('GRANT USAGE ON SCHEMA public TO %I', :'service') \gexec
SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', :'service' || '_owner', :'service') \gexec
SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO %I', :'service' || '_owner', :'service') \gexec
SQL
done
