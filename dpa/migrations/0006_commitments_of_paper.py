"""An agreement on paper names its personal data beside the ledger, so that they go with it; those entered before find theirs by reference."""

from django.db import migrations, models

# The rows are kept as they were written: only the owner of the tables can lay the guard aside, and does so for this one column.
FIND = """
ALTER TABLE dpa_paperagreement DISABLE TRIGGER never_changed;
UPDATE dpa_paperagreement p SET commitment = encode(e.commitment, 'hex')
FROM (SELECT commitment, convert_from(canonical, 'UTF8') AS text FROM evidence_event WHERE commitment IS NOT NULL) e
WHERE p.commitment = '' AND strpos(e.text, '"kind":"agreement.paper_entered"') > 0 AND strpos(e.text, '"subject":"' || p.reference || '"') > 0;
ALTER TABLE dpa_paperagreement ENABLE ALWAYS TRIGGER never_changed;
"""


class Migration(migrations.Migration):
    dependencies = [("dpa", "0005_names_of_columns"), ("evidence", "0002_guards")]
    operations = [
        migrations.AddField(
            "paperagreement",
            "commitment",
            models.CharField(blank=True, default="", editable=False, max_length=64, verbose_name="commitment to the personal data"),
        ),
        migrations.RunSQL(FIND, migrations.RunSQL.noop),
    ]
