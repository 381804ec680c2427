import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_scope_of_deletion")]

    operations = [
        migrations.AlterField(
            model_name="apitoken",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("agreement:read", "Read the state of the agreement"),
                        ("documents:read", "Read documents"),
                        ("channels:read", "Read channels and their texts"),
                        ("channels:write", "Activate channels"),
                        ("subscriptions:read", "Look subscriptions up"),
                        ("subscriptions:write", "Record and cancel subscriptions"),
                        ("deletion:request", "Ask for the deletion of the account"),
                    ],
                    max_length=30,
                ),
                size=None,
                verbose_name="scopes",
            ),
        ),
    ]
