"""Reasons for weakening stay with their published set; reviews are kept as they were written."""

from django.db import migrations

GUARDS = """
CREATE TRIGGER toms_weakening_of_published BEFORE INSERT OR UPDATE OR DELETE ON toms_weakening
    FOR EACH ROW EXECUTE FUNCTION publishing_keep_rows_of_published('toms_measureset', 'measure_set_id');
CREATE TRIGGER toms_weakening_locks_its_set BEFORE INSERT OR UPDATE OR DELETE ON toms_weakening
    FOR EACH ROW EXECUTE FUNCTION toms_lock_set();
CREATE TRIGGER toms_weakening_no_truncate BEFORE TRUNCATE ON toms_weakening FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE toms_weakening ENABLE ALWAYS TRIGGER toms_weakening_of_published;
ALTER TABLE toms_weakening ENABLE ALWAYS TRIGGER toms_weakening_locks_its_set;
ALTER TABLE toms_weakening ENABLE ALWAYS TRIGGER toms_weakening_no_truncate;
CREATE TRIGGER toms_review_append_only BEFORE UPDATE OR DELETE ON toms_review FOR EACH ROW EXECUTE FUNCTION publishing_append_only();
CREATE TRIGGER toms_review_no_truncate BEFORE TRUNCATE ON toms_review FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE toms_review ENABLE ALWAYS TRIGGER toms_review_append_only;
ALTER TABLE toms_review ENABLE ALWAYS TRIGGER toms_review_no_truncate;
"""
REMOVAL = "".join(
    f"DROP TRIGGER {trigger} ON {table};"
    for table, triggers in {
        "toms_weakening": ("toms_weakening_of_published", "toms_weakening_locks_its_set", "toms_weakening_no_truncate"),
        "toms_review": ("toms_review_append_only", "toms_review_no_truncate"),
    }.items()
    for trigger in triggers
)


class Migration(migrations.Migration):
    dependencies = [("toms", "0004_upkeep_and_approval")]
    operations = [migrations.RunSQL(GUARDS, REMOVAL)]
