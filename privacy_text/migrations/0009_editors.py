import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy_text", "0008_channel_texts_are_kept")]
    operations = [
        migrations.AlterModelOptions(
            name="channeltype",
            options={
                "default_permissions": ("view", "add", "change"),
                "ordering": ["sort", "pk"],
                "verbose_name": "channel type",
                "verbose_name_plural": "channel types",
            },
        ),
        migrations.AlterModelOptions(
            name="sampletextpart",
            options={"default_permissions": ("view", "change"), "verbose_name": "sample text", "verbose_name_plural": "sample texts"},
        ),
        migrations.AddField(
            model_name="sampletext",
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
