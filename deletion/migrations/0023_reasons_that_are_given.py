"""A step says that new data kept arriving; a ledger that does not answer is asked again and stops no request for a person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deletion", "0022_subscriptions_without_their_key")]
    operations = [
        migrations.AlterField(
            "erasurerequest",
            "blocked_why",
            models.CharField(
                blank=True,
                choices=[
                    ("step_failed", "A step failed in all its attempts"),
                    ("writer_active", "Something still writes data of this account"),
                    ("rows_left", "A verification found data that should be gone"),
                    ("not_counted", "A verification could not count"),
                    ("held_elsewhere", "A store may not delete yet"),
                ],
                max_length=20,
                verbose_name="needs attention because",
            ),
        ),
        migrations.AlterField(
            "erasurestep",
            "last_error",
            models.CharField(
                blank=True,
                choices=[
                    ("database", "The database refused"),
                    ("transient", "The store did not answer"),
                    ("throttled", "The store asked to wait"),
                    ("permanent", "The store refused"),
                    ("uncounted", "The verification could not count"),
                    ("residue", "The verification found data"),
                    ("blind", "The store did not find the planted record"),
                    ("crash", "The worker was lost"),
                    ("writer", "New data kept arriving"),
                ],
                max_length=10,
                verbose_name="last error",
            ),
        ),
    ]
