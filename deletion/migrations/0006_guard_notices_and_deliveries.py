"""Later tables with the key of an account refuse late rows, as the first ones do."""

from __future__ import annotations

from django.db import migrations

WITH_ACCOUNT_KEY = (
    "notifications_delivery",
    "subprocessors_agreedterms",
    "subprocessors_notice",
    "subprocessors_termsdeviation",
)
# A delivery to a subscriber or about a finished deletion names no account: nothing to look up.
TRIGGER = """
CREATE TRIGGER refuse_fenced BEFORE INSERT OR UPDATE OF customer_id ON {table} FOR EACH ROW
WHEN (NEW.customer_id IS NOT NULL) EXECUTE FUNCTION deletion_refuse_fenced();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER refuse_fenced;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deletion", "0005_uncounted_is_not_zero"),
        ("notifications", "0002_subscriptions_and_broadcasts"),
        ("subprocessors", "0004_announcements_and_objections"),
    ]
    operations = [
        migrations.RunSQL(
            "".join(TRIGGER.format(table=table) for table in WITH_ACCOUNT_KEY),
            "".join(f"DROP TRIGGER refuse_fenced ON {table};" for table in WITH_ACCOUNT_KEY),
        ),
    ]
