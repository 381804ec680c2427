import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("toms", "0005_guard_weakenings_and_reviews")]
    operations = [
        migrations.AddField(
            model_name="measureset",
            name="editor_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                default=list,
                editable=False,
                size=None,
                verbose_name="people who edited the draft",
            ),
        ),
    ]
