"""Certificates are signed, requests keep what was handed out, and rules cite their norm in both languages."""

from django.db import migrations, models

SIGNED = (
    ("signature", 88, "signature of the canonical form (Ed25519)"),
    ("public_key", 43, "public key of the signature"),
)
HASH = "^[0-9a-f]{64}$"


def columns(model):
    for name, length, words in SIGNED:
        yield migrations.AddField(
            model, name, models.CharField(blank=True, default="", max_length=length, verbose_name=words), preserve_default=False
        )


class Migration(migrations.Migration):
    dependencies = [("deletion", "0016_requests_by_systems")]
    operations = [
        *columns("erasurecertificate"),
        *columns("ledgercertificate"),
        migrations.AddConstraint(
            "erasurecertificate",
            models.CheckConstraint(
                condition=models.Q(("public_key", ""), ("signature", ""))
                | models.Q(("public_key__regex", "^[A-Za-z0-9_-]{43}$"), ("signature__regex", "^[A-Za-z0-9+/]{86}==$")),
                name="deletion_certificate_signed_with_a_key",
            ),
        ),
        migrations.AddField(
            "erasurerequest", "export_made_at", models.DateTimeField(editable=False, null=True, verbose_name="export made at")
        ),
        migrations.AddField(
            "erasurerequest",
            "export_sha256",
            models.CharField(blank=True, default="", editable=False, max_length=64, verbose_name="SHA-256 of the export"),
            preserve_default=False,
        ),
        migrations.AddField(
            "erasurerequest", "export_taken_at", models.DateTimeField(editable=False, null=True, verbose_name="export downloaded at")
        ),
        migrations.AddConstraint(
            "erasurerequest",
            models.CheckConstraint(
                condition=models.Q(("export_made_at", None), ("export_sha256", ""), ("export_taken_at", None))
                | models.Q(("export_made_at__isnull", False), ("export_sha256__regex", HASH)),
                name="deletion_request_knows_its_export_whole",
            ),
        ),
        migrations.RemoveConstraint("retentionrule", "deletion_rule_says_why"),
        migrations.RenameField("retentionrule", "norm", "norm_en"),
        migrations.AlterField("retentionrule", "norm_en", models.CharField(max_length=200, verbose_name="norm, English")),
        migrations.AddField(
            "retentionrule", "norm_de", models.CharField(default="-", max_length=200, verbose_name="norm, German"), preserve_default=False
        ),
        migrations.AddConstraint(
            "retentionrule",
            models.CheckConstraint(
                condition=~models.Q(("norm_de", ""))
                & ~models.Q(("norm_en", ""))
                & ~models.Q(("reason_de", ""))
                & ~models.Q(("reason_en", "")),
                name="deletion_rule_says_why",
            ),
        ),
    ]
