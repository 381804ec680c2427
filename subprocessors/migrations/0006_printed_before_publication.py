"""PDFs say for which approval they were made: a list is printed before it is published."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subprocessors", "0005_contracts_and_editors")]

    operations = [
        migrations.AddField(
            "subprocessorlistdocument",
            "approved_as",
            models.CharField(blank=True, default="", max_length=64, verbose_name="SHA-256 of what it prints"),
        ),
        migrations.RemoveConstraint("subprocessorlistdocument", "subprocessors_document_once_per_language"),
        migrations.AddConstraint(
            "subprocessorlistdocument",
            models.UniqueConstraint(
                fields=("subprocessor_list", "language", "approved_as"), name="subprocessors_document_once_per_approval"
            ),
        ),
    ]
