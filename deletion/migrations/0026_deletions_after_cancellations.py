"""The deletion that follows a cancelled contract stands on the desk, with the cancellation that it follows from."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deletion", "0025_proof_for_an_immediate_start")]
    operations = [
        migrations.AlterField(
            "casefile",
            "source",
            models.CharField(
                choices=[
                    ("owner", "asked for in the account"),
                    ("public", "sent with the public form"),
                    ("letter", "came by letter"),
                    ("email", "came by e-mail"),
                    ("phone", "came by telephone"),
                    ("api", "came through the API"),
                    ("contract", "follows from the cancellation of the contract"),
                ],
                max_length=8,
                verbose_name="way",
            ),
        ),
        migrations.AddField(
            "casefile",
            "cancellation",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="case_file",
                to="deletion.cancellation",
                verbose_name="cancellation of the contract",
            ),
        ),
    ]
