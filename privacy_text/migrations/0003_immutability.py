from django.db import migrations

GUARDS = """
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON privacy_text_sampletext
    FOR EACH ROW EXECUTE FUNCTION publishing_keep_published();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON privacy_text_sampletext
    FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON privacy_text_sampletextpart
    FOR EACH ROW EXECUTE FUNCTION publishing_keep_rows_of_published('privacy_text_sampletext', 'version_id');
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON privacy_text_sampletextpart
    FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE privacy_text_sampletext ENABLE ALWAYS TRIGGER keep_published;
ALTER TABLE privacy_text_sampletext ENABLE ALWAYS TRIGGER never_emptied;
ALTER TABLE privacy_text_sampletextpart ENABLE ALWAYS TRIGGER keep_published;
ALTER TABLE privacy_text_sampletextpart ENABLE ALWAYS TRIGGER never_emptied;
"""

REMOVAL = "".join(
    f"DROP TRIGGER {name} ON {table};"
    for table in ("privacy_text_sampletext", "privacy_text_sampletextpart")
    for name in ("keep_published", "never_emptied")
)


class Migration(migrations.Migration):
    dependencies = [("privacy_text", "0002_channel_types"), ("publishing", "0001_immutability")]
    operations = [migrations.RunSQL(GUARDS, REMOVAL)]
