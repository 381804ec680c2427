import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subprocessors", "0006_printed_before_publication")]
    operations = [
        migrations.AddField(
            model_name="subprocessor",
            name="service_kind",
            field=models.CharField(
                blank=True,
                choices=[("content_delivery", "content delivery network"), ("other", "other service")],
                default="",
                max_length=20,
                verbose_name="kind of service",
            ),
        ),
        migrations.AddConstraint(
            model_name="subprocessor",
            constraint=models.CheckConstraint(
                condition=models.Q(("service_kind__in", ["", "content_delivery", "other"])), name="subprocessors_entry_service_kind_known"
            ),
        ),
        migrations.AlterField(
            model_name="subprocessor",
            name="channel_types",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name="channel types"
            ),
        ),
    ]
