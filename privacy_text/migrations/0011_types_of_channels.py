import django.db.models.deletion
from django.db import migrations, models

TYPE = "customers.channeltype"


def protected():
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=TYPE, verbose_name="channel type")


class Migration(migrations.Migration):
    dependencies = [("privacy_text", "0010_names_in_prompts"), ("customers", "0007_channel_types")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("sampletextpart", "channel_type", protected()),
                migrations.AlterField("passagesection", "channel_type", protected()),
                migrations.AlterField(
                    "lengthlimit",
                    "channel_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="length_limits", to=TYPE, verbose_name="channel type"
                    ),
                ),
                migrations.AlterField(
                    "operator", "channel_types", models.ManyToManyField(related_name="operators", to=TYPE, verbose_name="channel types")
                ),
            ],
        ),
    ]
