#!/bin/sh
# Create the role that the portal runs as; it owns nothing, 'manage.py secure_database' gives it its rights.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$DATABASE_APP_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE portal_app LOGIN PASSWORD :'password';
GRANT portal_app TO portal_owner;
SQL
