"""Names of columns for people; no statement changes the database."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_channel_types"),
    ]

    operations = [
        migrations.AlterField(
            model_name="customer",
            name="reference",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="reference"),
        ),
        migrations.AlterField(
            model_name="user",
            name="reference",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="reference"),
        ),
    ]
