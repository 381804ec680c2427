"""The norms of the rules that the portal came with, as they are cited in German."""

from django.db import migrations

COMMERCIAL_LETTER = "§ 257 Abs. 1 Nr. 2 und Abs. 4 HGB"
GERMAN = {
    "Art. 17(3)(e) GDPR, §§ 195, 199 BGB, § 257(1) no. 2 and (4) HGB": f"Art. 17 Abs. 3 lit. e DSGVO, §§ 195, 199 BGB, {COMMERCIAL_LETTER}",
    "Art. 5(2) GDPR, §§ 195, 199 BGB": "Art. 5 Abs. 2 DSGVO, §§ 195, 199 BGB",
    "§ 257(1) no. 2 and (4) HGB, § 147(1) no. 2 and (3) AO": f"{COMMERCIAL_LETTER}, § 147 Abs. 1 Nr. 2 und Abs. 3 AO",
    "§ 147(1) no. 4 and (3) AO, § 257(1) no. 4 and (4) HGB, § 14b UStG": (
        "§ 147 Abs. 1 Nr. 4 und Abs. 3 AO, § 257 Abs. 1 Nr. 4 und Abs. 4 HGB, § 14b UStG"
    ),
    "Art. 12(3) GDPR": "Art. 12 Abs. 3 DSGVO",
    "Art. 28(3)(g), Art. 12(3), Art. 17(1) GDPR": "Art. 28 Abs. 3 lit. g, Art. 12 Abs. 3, Art. 17 Abs. 1 DSGVO",
}


def cite(apps, schema_editor):
    """Cite each norm in German; one that an operator entered stays as it was entered."""
    if schema_editor.connection.alias != "default":
        return
    for rule in apps.get_model("deletion", "RetentionRule").objects.all():
        rule.norm_de = GERMAN.get(rule.norm_en, rule.norm_en)
        rule.save(update_fields=["norm_de"])


class Migration(migrations.Migration):
    dependencies = [("deletion", "0017_signed_certificates")]
    operations = [migrations.RunPython(cite, migrations.RunPython.noop)]
