"""Let an entry's change and its list's publication wait for one another: checked apart, both could pass at the same moment."""

from django.db import migrations

# KEY SHARE waits for the row lock that approval and publication take, and lets other entries of the same draft change meanwhile.
# Triggers fire by name, so that "…_locks_its_list" comes before "…_of_published", which then reads the state that is true.
GUARD = """
CREATE FUNCTION subprocessors_lock_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN PERFORM FROM subprocessors_subprocessorlist WHERE id = NEW.subprocessor_list_id FOR KEY SHARE; END IF;
    IF TG_OP <> 'INSERT' THEN PERFORM FROM subprocessors_subprocessorlist WHERE id = OLD.subprocessor_list_id FOR KEY SHARE; END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER subprocessors_entry_locks_its_list BEFORE INSERT OR UPDATE OR DELETE ON subprocessors_subprocessor
    FOR EACH ROW EXECUTE FUNCTION subprocessors_lock_list();
ALTER TABLE subprocessors_subprocessor ENABLE ALWAYS TRIGGER subprocessors_entry_locks_its_list;
"""
REMOVAL = "DROP TRIGGER subprocessors_entry_locks_its_list ON subprocessors_subprocessor; DROP FUNCTION subprocessors_lock_list();"


class Migration(migrations.Migration):
    dependencies = [("subprocessors", "0002_immutability")]
    operations = [migrations.RunSQL(GUARD, REMOVAL)]
