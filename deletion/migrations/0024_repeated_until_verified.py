"""A request that is repeated after a restored backup says so until it is verified: so long the portal stays closed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deletion", "0023_reasons_that_are_given")]
    operations = [
        migrations.AddField("erasurerequest", "repeating_since", models.DateTimeField(editable=False, null=True)),
    ]
