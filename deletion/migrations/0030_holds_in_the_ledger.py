"""Placing and release of a legal hold in the second database too: what is held since a backup must not be erased after its restore."""

import django.contrib.postgres.functions
import django.db.models.functions.datetime
from django.db import migrations, models

TABLE = "deletion_ledger_hold"
GUARD = f"""
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION deletion_ledger_append_only();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION deletion_ledger_append_only();
ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER never_changed, ENABLE ALWAYS TRIGGER never_emptied;
"""


class Migration(migrations.Migration):
    dependencies = [("deletion", "0029_rules_of_systems")]
    operations = [
        migrations.AddField(
            "legalhold",
            "reference",
            models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True),
        ),
        migrations.CreateModel(
            name="LedgerHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hold_reference", models.UUIDField(verbose_name="reference of the hold")),
                ("customer_reference", models.UUIDField(db_index=True, verbose_name="customer’s reference")),
                ("is_release", models.BooleanField(verbose_name="released")),
                ("ground", models.CharField(max_length=10, verbose_name="ground")),
                ("review_date", models.DateField(verbose_name="to be reviewed on")),
                ("happened_at", models.DateTimeField(verbose_name="happened at")),
                (
                    "written_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="written at"),
                ),
            ],
            options={
                "verbose_name": "legal hold in the ledger of erasures",
                "verbose_name_plural": "legal holds in the ledger of erasures",
                "db_table": TABLE,
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("hold_reference", "is_release"), name="deletion_ledger_hold_said_once")],
            },
        ),
        migrations.RunSQL(GUARD, f"DROP TRIGGER never_changed ON {TABLE}; DROP TRIGGER never_emptied ON {TABLE};", hints={"ledger": True}),
    ]
