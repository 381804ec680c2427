"""What systems asked for has a rule, and so have the addresses that they named; cancellations of companies get their reference."""

from django.db import migrations

RULES = {
    "deletion.machinerequest": {
        "label_de": "Anträge von Systemen",
        "label_en": "Requests by systems",
        "start": "process",
        "months": 36,
        "to_year_end": True,
        "norm_de": "Art. 5 Abs. 2 DSGVO, §§ 195, 199 BGB",
        "norm_en": "Art. 5(2) GDPR, §§ 195, 199 BGB",
        "reason_de": "Zeigt, unter welcher Nummer ein System des Unternehmens die Löschung verlangt hat.",
        "reason_en": "Shows under which number a system of the company asked for the deletion.",
    },
    "deletion.statuscall": {
        "label_de": "Meldungen an Systeme, mit deren Adressen",
        "label_en": "Calls to systems, with their addresses",
        "start": "process",
        "days": 30,
        "norm_de": "Art. 12 Abs. 3 DSGVO",
        "norm_en": "Art. 12(3) GDPR",
        "reason_de": "Sagt dem System, das den Antrag gestellt hat, wie es um ihn steht.",
        "reason_en": "Tells the system that asked how its request goes.",
    },
}


def enter(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    for dataset, rule in RULES.items():
        apps.get_model("deletion", "RetentionRule").objects.get_or_create(dataset=dataset, defaults=rule)
    for cancellation in apps.get_model("deletion", "Cancellation").objects.exclude(customer=None).select_related("customer"):
        cancellation.customer_reference = cancellation.customer.reference
        cancellation.save(update_fields=["customer_reference"])


class Migration(migrations.Migration):
    dependencies = [("deletion", "0028_ends_of_kept_data")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
