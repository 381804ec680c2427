from django.db import migrations

CHILDREN = ("toms_category", "toms_control", "toms_measure")


def freeze(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_of_published BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION publishing_keep_rows_of_published('toms_measureset', 'measure_set_id');
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_of_published;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""


SETS = """
CREATE TRIGGER toms_measureset_published BEFORE UPDATE OR DELETE ON toms_measureset
    FOR EACH ROW EXECUTE FUNCTION publishing_keep_published();
CREATE TRIGGER toms_measureset_no_truncate BEFORE TRUNCATE ON toms_measureset FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE toms_measureset ENABLE ALWAYS TRIGGER toms_measureset_published;
ALTER TABLE toms_measureset ENABLE ALWAYS TRIGGER toms_measureset_no_truncate;
"""

DOCUMENTS = """
CREATE TRIGGER toms_measuresetdocument_append_only BEFORE UPDATE OR DELETE ON toms_measuresetdocument
    FOR EACH ROW EXECUTE FUNCTION publishing_append_only();
CREATE TRIGGER toms_measuresetdocument_no_truncate BEFORE TRUNCATE ON toms_measuresetdocument
    FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE toms_measuresetdocument ENABLE ALWAYS TRIGGER toms_measuresetdocument_append_only;
ALTER TABLE toms_measuresetdocument ENABLE ALWAYS TRIGGER toms_measuresetdocument_no_truncate;
"""

# Without these a draft's measure could hang on a published set's control and so change what that set shows.
SAME_SET = """
ALTER TABLE toms_control ADD CONSTRAINT toms_control_category_of_same_set FOREIGN KEY (category_id, measure_set_id)
    REFERENCES toms_category (id, measure_set_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE toms_measure ADD CONSTRAINT toms_measure_control_of_same_set FOREIGN KEY (control_id, measure_set_id)
    REFERENCES toms_control (id, measure_set_id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("toms", "0001_initial"), ("publishing", "0001_immutability")]
    operations = [migrations.RunSQL(SETS + DOCUMENTS + "".join(freeze(table) for table in CHILDREN) + SAME_SET)]
