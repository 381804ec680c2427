"""Exports refuse late rows, as the other tables with the key of an account do."""

from __future__ import annotations

from django.db import migrations

TRIGGER = """
CREATE TRIGGER refuse_fenced BEFORE INSERT OR UPDATE OF customer_id ON deletion_accountexport
FOR EACH ROW EXECUTE FUNCTION deletion_refuse_fenced();
ALTER TABLE deletion_accountexport ENABLE ALWAYS TRIGGER refuse_fenced;
"""


class Migration(migrations.Migration):
    dependencies = [("deletion", "0012_exports_of_accounts")]
    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER refuse_fenced ON deletion_accountexport;")]
