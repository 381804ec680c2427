"""Legal holds have a rule of their own: they end with their release."""

from django.db import migrations

RULE = {
    "label_de": "Löschsperren",
    "label_en": "Legal holds",
    "start": "process",
    "months": 36,
    "to_year_end": True,
    "norm_de": "Art. 5 Abs. 2 und Art. 17 Abs. 3 DSGVO",
    "norm_en": "Art. 5(2) and Art. 17(3) GDPR",
    "reason_de": "Zeigt, wer eine Löschung wie lange und aus welchem Grund untersagt hat.",
    "reason_en": "Shows who forbade a deletion, for how long and on which ground.",
}


def enter(apps, schema_editor):
    if schema_editor.connection.alias == "default":
        apps.get_model("deletion", "RetentionRule").objects.get_or_create(dataset="deletion.legalhold", defaults=RULE)


class Migration(migrations.Migration):
    dependencies = [("deletion", "0019_files_expire")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
