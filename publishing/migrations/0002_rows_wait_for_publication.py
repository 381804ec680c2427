"""A change of a draft's row waits for a publication of the draft that has begun, and then is refused; before, it could slip in beside it."""

from __future__ import annotations

from django.db import migrations

# Publishing locks the version FOR UPDATE; reading its state FOR KEY SHARE waits for that and sees what it wrote.
KEEP = """
CREATE OR REPLACE FUNCTION publishing_keep_rows_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent text := TG_ARGV[0];
    foreign_key text := TG_ARGV[1];
    ids text[] := ARRAY[]::text[];
    frozen boolean;
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') THEN ids := ids || (to_jsonb(NEW) ->> foreign_key); END IF;
    IF TG_OP IN ('UPDATE', 'DELETE') THEN ids := ids || (to_jsonb(OLD) ->> foreign_key); END IF;
    EXECUTE format('SELECT COALESCE(bool_or(state IN (''published'', ''superseded'')), false)
        FROM (SELECT state FROM %I WHERE id::text = ANY ($1) FOR KEY SHARE) AS version', parent) INTO frozen USING ids;
    IF frozen THEN
        RAISE EXCEPTION '% of % is refused: it belongs to a published version', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_immutability")]
    operations = [migrations.RunSQL(KEEP, migrations.RunSQL.noop)]
