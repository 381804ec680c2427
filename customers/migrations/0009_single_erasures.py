"""Erasures of one subscriber or person and ended subscriptions in the second database, so that a restored backup does not undo them."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models

TABLE = "customers_ledger_erasure"
# The second database cannot know how long backups are kept: ninety days are the least, the portal names more where it keeps them longer.
GUARD = """
CREATE FUNCTION customers_ledger_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.written_at < now() - interval '90 days' THEN RETURN OLD; END IF;
    END IF;
    RAISE EXCEPTION '% of the ledger of erasures is refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON customers_ledger_erasure FOR EACH ROW EXECUTE FUNCTION customers_ledger_keep();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON customers_ledger_erasure FOR EACH STATEMENT EXECUTE FUNCTION customers_ledger_keep();
ALTER TABLE customers_ledger_erasure ENABLE ALWAYS TRIGGER never_changed, ENABLE ALWAYS TRIGGER never_emptied;

CREATE FUNCTION customers_ledger_forget(days integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    counted bigint;
BEGIN
    DELETE FROM customers_ledger_erasure WHERE written_at < now() - make_interval(days => GREATEST(days, 90));
    GET DIAGNOSTICS counted = ROW_COUNT;
    RETURN counted;
END $$;
"""
UNGUARD = """
DROP FUNCTION customers_ledger_forget(integer);
DROP TRIGGER never_changed ON customers_ledger_erasure; DROP TRIGGER never_emptied ON customers_ledger_erasure; DROP FUNCTION customers_ledger_keep();
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_names_of_columns")]
    operations = [
        migrations.CreateModel(
            name="LedgerErasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.UUIDField(db_index=True, verbose_name="reference")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cancelled", "subscription cancelled"),
                            ("subscriber", "subscriber erased"),
                            ("person", "person with a login erased"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("case_reference", models.CharField(blank=True, max_length=24, verbose_name="request on the desk")),
                ("customer_reference", models.UUIDField(null=True, verbose_name="customer’s reference")),
                ("channel_type", models.CharField(blank=True, max_length=40, verbose_name="channel type")),
                ("channel", models.UUIDField(null=True, verbose_name="channel")),
                ("person_reference", models.UUIDField(null=True, verbose_name="reference of the person")),
                (
                    "hashes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), size=None, verbose_name="keyed hashes"
                    ),
                ),
                ("through", models.CharField(blank=True, max_length=4, verbose_name="cancelled through")),
                ("why", models.CharField(blank=True, max_length=12, verbose_name="reason of the cancellation")),
                ("happened_at", models.DateTimeField(verbose_name="happened at")),
                (
                    "written_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True, verbose_name="written at"),
                ),
            ],
            options={
                "db_table": TABLE,
                "default_permissions": (),
                "verbose_name": "single erasure in the ledger of erasures",
                "verbose_name_plural": "single erasures in the ledger of erasures",
            },
        ),
        migrations.CreateModel(
            name="SingleErasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.UUIDField(unique=True, verbose_name="reference")),
                ("begun_at", models.DateTimeField(db_index=True, verbose_name="begun at")),
            ],
            options={
                "default_permissions": (),
                "verbose_name": "single erasure that was begun",
                "verbose_name_plural": "single erasures that were begun",
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD, hints={"ledger": True}),
    ]
