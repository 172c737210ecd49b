#!/bin/bash
# Makes the key store's tables and roles when its cluster is made; docs/keys.md says what each role is for.
#   <room>   signs in to work: has the keys of its own classes, and of no other
#   keeper   signs in to rotate epochs and to make short-lived copies
set -euo pipefail
as_superuser() { psql -v ON_ERROR_STOP=1 --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"; }

for role in home partners referrals matching support supervision reporting; do
  as_superuser -v role="$role" -v password="$KEYS_ROOMS_PASSWORD" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', :'role', :'password') \gexec
SQL
done
as_superuser -v password="$KEYS_KEEPER_PASSWORD" <<'SQL'
SELECT format('CREATE ROLE keeper LOGIN PASSWORD %L', :'password') \gexec
SQL
as_superuser --file /keys.sql
