"""When the portal found that a person acts for no company any more: the period begins after which the login goes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0009_single_erasures")]
    operations = [
        migrations.AddField(
            "user", "left_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="acts for no company since")
        )
    ]
