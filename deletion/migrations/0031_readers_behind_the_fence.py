"""Behind the fence of an account read only the tokens that could read its deletion before; of older fences nobody knows which they were."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deletion", "0030_holds_in_the_ledger")]
    operations = [
        migrations.AddField(
            "erasurefence",
            "reader_hashes",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64),
                default=list,
                size=None,
                verbose_name="hashes of those that may still read how the deletion goes",
            ),
        ),
    ]
