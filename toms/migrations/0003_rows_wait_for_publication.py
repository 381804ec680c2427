"""Let a row's change and its set's publication wait for one another: checked apart, both could pass at the same moment."""

from django.db import migrations

# KEY SHARE waits for the row lock that approval and publication take, and lets other rows of the same draft change meanwhile.
# Triggers fire by name, so that "…_locks_its_set" comes before "…_of_published", which then reads the state that is true.
FUNCTION = """
CREATE FUNCTION toms_lock_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN PERFORM FROM toms_measureset WHERE id = NEW.measure_set_id FOR KEY SHARE; END IF;
    IF TG_OP <> 'INSERT' THEN PERFORM FROM toms_measureset WHERE id = OLD.measure_set_id FOR KEY SHARE; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
"""
TRIGGER = """
CREATE TRIGGER {table}_locks_its_set BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION toms_lock_set();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_locks_its_set;
"""
REMOVAL = "DROP TRIGGER {table}_locks_its_set ON {table};"
TABLES = ("toms_category", "toms_control", "toms_measure")


class Migration(migrations.Migration):
    dependencies = [("toms", "0002_immutability")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION toms_lock_set();"),
        *[migrations.RunSQL(TRIGGER.format(table=table), REMOVAL.format(table=table)) for table in TABLES],
    ]
