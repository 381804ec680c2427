import django.db.models.deletion
from django.db import migrations, models


def channel_type():
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.channeltype", verbose_name="channel type"
    )


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0004_guards_and_storage"), ("customers", "0007_channel_types")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("subscription", "channel_type", channel_type()),
                migrations.AlterField("suppression", "channel_type", channel_type()),
            ],
        ),
    ]
