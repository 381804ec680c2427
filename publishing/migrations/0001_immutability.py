from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION publishing_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are kept as they were written', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION publishing_keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('published', 'superseded') THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'superseded' AND NEW.superseded_at IS NOT NULL
        AND to_jsonb(NEW) - 'state' - 'superseded_at' = to_jsonb(OLD) - 'state' - 'superseded_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of a published row of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION publishing_keep_rows_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent text := TG_ARGV[0];
    foreign_key text := TG_ARGV[1];
    ids text[] := ARRAY[]::text[];
    frozen boolean;
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') THEN ids := ids || (to_jsonb(NEW) ->> foreign_key); END IF;
    IF TG_OP IN ('UPDATE', 'DELETE') THEN ids := ids || (to_jsonb(OLD) ->> foreign_key); END IF;
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE id::text = ANY ($1) AND state IN (''published'', ''superseded''))', parent)
        INTO frozen USING ids;
    IF frozen THEN
        RAISE EXCEPTION '% of % is refused: it belongs to a published version', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION publishing_append_only(); DROP FUNCTION publishing_keep_published(); DROP FUNCTION publishing_keep_rows_of_published();",
        ),
    ]
