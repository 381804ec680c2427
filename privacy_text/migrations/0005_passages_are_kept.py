from django.db import migrations

GUARDS = """
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON privacy_text_passagesection
    FOR EACH ROW EXECUTE FUNCTION publishing_keep_rows_of_published('privacy_text_sampletext', 'version_id');
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON privacy_text_passagesection
    FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE privacy_text_passagesection ENABLE ALWAYS TRIGGER keep_published;
ALTER TABLE privacy_text_passagesection ENABLE ALWAYS TRIGGER never_emptied;
"""
REMOVAL = """
DROP TRIGGER keep_published ON privacy_text_passagesection;
DROP TRIGGER never_emptied ON privacy_text_passagesection;
"""


class Migration(migrations.Migration):
    dependencies = [("privacy_text", "0004_passages_and_operators"), ("publishing", "0001_immutability")]
    operations = [migrations.RunSQL(GUARDS, REMOVAL)]
