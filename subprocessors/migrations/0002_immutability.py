from django.db import migrations

TRIGGERS = """
CREATE TRIGGER subprocessors_list_published BEFORE UPDATE OR DELETE ON subprocessors_subprocessorlist
    FOR EACH ROW EXECUTE FUNCTION publishing_keep_published();
CREATE TRIGGER subprocessors_list_no_truncate BEFORE TRUNCATE ON subprocessors_subprocessorlist
    FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE subprocessors_subprocessorlist ENABLE ALWAYS TRIGGER subprocessors_list_published;
ALTER TABLE subprocessors_subprocessorlist ENABLE ALWAYS TRIGGER subprocessors_list_no_truncate;

CREATE TRIGGER subprocessors_entry_of_published BEFORE INSERT OR UPDATE OR DELETE ON subprocessors_subprocessor
    FOR EACH ROW EXECUTE FUNCTION publishing_keep_rows_of_published('subprocessors_subprocessorlist', 'subprocessor_list_id');
CREATE TRIGGER subprocessors_entry_no_truncate BEFORE TRUNCATE ON subprocessors_subprocessor
    FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE subprocessors_subprocessor ENABLE ALWAYS TRIGGER subprocessors_entry_of_published;
ALTER TABLE subprocessors_subprocessor ENABLE ALWAYS TRIGGER subprocessors_entry_no_truncate;

CREATE TRIGGER subprocessors_document_append_only BEFORE UPDATE OR DELETE ON subprocessors_subprocessorlistdocument
    FOR EACH ROW EXECUTE FUNCTION publishing_append_only();
CREATE TRIGGER subprocessors_document_no_truncate BEFORE TRUNCATE ON subprocessors_subprocessorlistdocument
    FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE subprocessors_subprocessorlistdocument ENABLE ALWAYS TRIGGER subprocessors_document_append_only;
ALTER TABLE subprocessors_subprocessorlistdocument ENABLE ALWAYS TRIGGER subprocessors_document_no_truncate;
"""


class Migration(migrations.Migration):
    dependencies = [("subprocessors", "0001_initial"), ("publishing", "0001_immutability")]
    operations = [migrations.RunSQL(TRIGGERS)]
