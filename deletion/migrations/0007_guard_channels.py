"""Channels refuse late rows, as the other tables with the key of an account do."""

from __future__ import annotations

from django.db import migrations

TRIGGER = """
CREATE TRIGGER refuse_fenced BEFORE INSERT OR UPDATE OF customer_id ON customers_channel
FOR EACH ROW EXECUTE FUNCTION deletion_refuse_fenced();
ALTER TABLE customers_channel ENABLE ALWAYS TRIGGER refuse_fenced;
"""


class Migration(migrations.Migration):
    dependencies = [("deletion", "0006_guard_notices_and_deliveries"), ("customers", "0002_channels")]
    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER refuse_fenced ON customers_channel;")]
