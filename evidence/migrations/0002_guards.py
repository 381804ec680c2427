"""Refuse every change of evidence, also to the owner of the tables and to replication: ENABLE ALWAYS."""

from django.db import migrations

# The function never reads OLD: a statement trigger has none, and a guard that fails there must not fail open.
FUNCTION = """
CREATE FUNCTION evidence_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: evidence is kept as it was written', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""
ROW = {
    "evidence_event": "UPDATE OR DELETE",
    "evidence_place": "UPDATE OR DELETE",
    "evidence_seal": "UPDATE OR DELETE",
    "evidence_personal": "UPDATE",  # erasure deletes these rows
}
GUARDS = """
CREATE TRIGGER {table}_rows BEFORE {row} ON {table} FOR EACH ROW EXECUTE FUNCTION evidence_append_only();
CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION evidence_append_only();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_rows, ENABLE ALWAYS TRIGGER {table}_truncate;
"""
REMOVAL = "DROP TRIGGER {table}_rows ON {table}; DROP TRIGGER {table}_truncate ON {table};"


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION evidence_append_only();"),
        *[migrations.RunSQL(GUARDS.format(table=table, row=row), REMOVAL.format(table=table)) for table, row in ROW.items()],
    ]
