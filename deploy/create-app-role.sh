#!/bin/sh
# Create the role that the portal runs as and those that delete and count in an erasure; they own nothing, 'manage.py secure_database' gives them their rights.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$DATABASE_APP_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE portal_app LOGIN PASSWORD :'password';
CREATE ROLE portal_verifier NOLOGIN;
CREATE ROLE portal_eraser NOLOGIN;
GRANT portal_app TO portal_owner;
GRANT portal_verifier, portal_eraser TO portal_owner, portal_app;
GRANT SET ON PARAMETER session_replication_role TO portal_owner;
SQL
