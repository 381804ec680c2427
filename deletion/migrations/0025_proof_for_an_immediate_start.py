"""Identity is proven also without a doubt, for a start at once; a pause knows that a doubt set it; no store is said to be shut down."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("deletion", "0024_repeated_until_verified")]
    operations = [
        migrations.RemoveConstraint("casefile", "deletion_case_identity_asked_for_a_reason"),
        migrations.AddConstraint(
            "casefile",
            models.CheckConstraint(
                condition=Q(identity="clear", doubt="", proof="")
                | Q(identity="open", doubt__gt="", proof="")
                | Q(identity="proven", proof__gt=""),
                name="deletion_case_identity_asked_for_a_reason",
            ),
        ),
        migrations.AddField(
            "erasurerequest",
            "paused_why",
            models.CharField(
                blank=True, choices=[("identity", "It is not settled who asked for it")], max_length=8, verbose_name="paused because"
            ),
        ),
        migrations.AddConstraint(
            "erasurerequest",
            models.CheckConstraint(
                condition=Q(paused_why="") | Q(paused_why="identity", paused_at__isnull=False), name="deletion_request_paused_for_a_reason"
            ),
        ),
        migrations.AlterField(
            "handwork",
            "reason",
            models.CharField(
                choices=[
                    ("provider", "The operator of the store deleted the data and confirmed it"),
                    ("direct", "The data were deleted in the store itself"),
                ],
                max_length=8,
                verbose_name="reason",
            ),
        ),
    ]
