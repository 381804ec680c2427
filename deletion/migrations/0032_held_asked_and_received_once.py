"""A moved review of a hold in the ledger too; a receipt that a second click finds again; numbers that others know."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0009_single_erasures"),
        ("deletion", "0031_readers_behind_the_fence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="ledgerhold",
            name="deletion_ledger_hold_said_once",
        ),
        migrations.AddField(
            model_name="casefile",
            name="secret_sha256",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="legalhold",
            name="review_moved_at",
            field=models.DateTimeField(null=True, verbose_name="review moved at"),
        ),
        migrations.AlterField(
            model_name="casefile",
            name="doubt",
            field=models.CharField(
                blank=True,
                choices=[
                    ("mailbox", "The mailbox is not confirmed yet"),
                    ("other_address", "The address is not one that is known of this person"),
                    ("no_authority", "The sender is not known as an owner of the account"),
                    ("contradiction", "Statements contradict what is stored"),
                    ("number", "A phone or chat number can be known to others"),
                ],
                max_length=13,
                verbose_name="reason of the doubt",
            ),
        ),
        migrations.AlterField(
            model_name="casefile",
            name="proof",
            field=models.CharField(
                blank=True,
                choices=[
                    ("mailbox", "The mailbox was confirmed with the code"),
                    ("call_back", "Called back on the number that is stored"),
                    ("signed_in", "The person signed in"),
                    ("authority", "Authority to act was shown"),
                    ("channel", "A code that was sent through the channel came back"),
                ],
                max_length=10,
                verbose_name="how identity was proven",
            ),
        ),
        migrations.AddConstraint(
            model_name="casefile",
            constraint=models.CheckConstraint(
                condition=models.Q(("secret_sha256", ""), ("secret_sha256__regex", "^[0-9a-f]{64}$"), _connector="OR"),
                name="deletion_case_secret_is_a_hash",
            ),
        ),
        migrations.AddConstraint(
            model_name="casefile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("secret_sha256", ""), _negated=True), fields=("secret_sha256",), name="deletion_case_received_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerhold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_release", False)), fields=("hold_reference", "happened_at"), name="deletion_ledger_hold_said_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerhold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_release", True)), fields=("hold_reference",), name="deletion_ledger_hold_released_once"
            ),
        ),
    ]
