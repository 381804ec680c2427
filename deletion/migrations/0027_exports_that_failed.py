"""An export whose job gave up says so, and another one can be made."""

from django.db import migrations, models

AT_WORK, HASH = ["waiting", "working"], "^[0-9a-f]{64}$"
DONE = models.Q(state="done", finished_at__isnull=False, sha256__regex=HASH)


class Migration(migrations.Migration):
    dependencies = [("deletion", "0026_deletions_after_cancellations")]
    operations = [
        migrations.AlterField(
            "accountexport",
            "state",
            models.CharField(
                choices=[("waiting", "waiting"), ("working", "being made"), ("done", "ready"), ("failed", "failed")],
                default="waiting",
                max_length=7,
                verbose_name="state",
            ),
        ),
        migrations.RemoveConstraint("accountexport", "deletion_export_one_at_work"),
        migrations.RemoveConstraint("accountexport", "deletion_export_done_with_hash"),
        migrations.AddConstraint(
            "accountexport",
            models.UniqueConstraint(fields=["customer"], condition=models.Q(state__in=AT_WORK), name="deletion_export_one_at_work"),
        ),
        migrations.AddConstraint(
            "accountexport",
            models.CheckConstraint(
                condition=DONE | (models.Q(state__in=[*AT_WORK, "failed"]) & models.Q(finished_at=None, sha256="")),
                name="deletion_export_done_with_hash",
            ),
        ),
    ]
