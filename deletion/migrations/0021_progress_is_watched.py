"""When a request last moved, as the alarms see it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deletion", "0020_rule_of_holds")]
    operations = [
        migrations.AddField(
            "erasurerequest",
            "progress_mark",
            models.CharField(blank=True, default="", editable=False, max_length=80),
            preserve_default=False,
        ),
        migrations.AddField(
            "erasurerequest", "progressed_at", models.DateTimeField(editable=False, null=True, verbose_name="last progress at")
        ),
    ]
