"""Events and notes of requests are never changed; the later tables of subscribers refuse late rows."""

from __future__ import annotations

from django.db import migrations

APPEND_ONLY = ("deletion_caseevent", "deletion_casenote")
WITH_ACCOUNT_KEY = ("subscriptions_activity", "subscriptions_suppression", "subscriptions_statisticsswitch")
GUARD = """
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION publishing_append_only();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION publishing_append_only();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_changed, ENABLE ALWAYS TRIGGER never_emptied;
"""
TRIGGER = """
CREATE TRIGGER refuse_fenced BEFORE INSERT OR UPDATE OF customer_id ON {table} FOR EACH ROW EXECUTE FUNCTION deletion_refuse_fenced();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER refuse_fenced;
"""


class Migration(migrations.Migration):
    dependencies = [("deletion", "0010_case_files_of_requests"), ("subscriptions", "0004_guards_and_storage")]
    operations = [
        migrations.RunSQL(
            "".join(GUARD.format(table=table) for table in APPEND_ONLY),
            "".join(f"DROP TRIGGER never_changed ON {table}; DROP TRIGGER never_emptied ON {table};" for table in APPEND_ONLY),
        ),
        migrations.RunSQL(
            "".join(TRIGGER.format(table=table) for table in WITH_ACCOUNT_KEY),
            "".join(f"DROP TRIGGER refuse_fenced ON {table};" for table in WITH_ACCOUNT_KEY),
        ),
    ]
