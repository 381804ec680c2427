"""Certificates in the second database too: a restored backup does not know them, and their holders still check them."""

from django.db import migrations, models

TABLE = "deletion_ledger_certificate"
GUARD = """
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION deletion_ledger_append_only();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION deletion_ledger_append_only();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_changed, ENABLE ALWAYS TRIGGER never_emptied;
"""


class Migration(migrations.Migration):
    dependencies = [("deletion", "0014_expiry")]
    operations = [
        migrations.CreateModel(
            name="LedgerCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=24, unique=True, verbose_name="reference")),
                ("request_reference", models.CharField(db_index=True, max_length=24, verbose_name="deletion request")),
                ("kind", models.CharField(max_length=11, verbose_name="kind")),
                ("supplements", models.CharField(blank=True, max_length=24, verbose_name="supplements")),
                ("canonical", models.BinaryField(verbose_name="canonical form")),
                ("pdf_sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the PDF")),
                ("leaf_hash", models.CharField(max_length=64, verbose_name="leaf hash in the ledger")),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                ("language", models.CharField(max_length=2, verbose_name="language")),
                ("data_return", models.CharField(max_length=6, verbose_name="return of the data")),
            ],
            options={
                "verbose_name": "certificate in the ledger of erasures",
                "verbose_name_plural": "certificates in the ledger of erasures",
                "db_table": TABLE,
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(
            GUARD.format(table=TABLE),
            f"DROP TRIGGER never_changed ON {TABLE}; DROP TRIGGER never_emptied ON {TABLE};",
            hints={"ledger": True},
        ),
    ]
