"""Whoever edited a draft of the agreement is its author, too."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dpa", "0003_when_the_address_was_confirmed")]

    operations = [
        migrations.AddField(
            "agreementversion",
            "editor_ids",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                default=list,
                editable=False,
                size=None,
                verbose_name="people who edited the draft",
            ),
        ),
    ]
