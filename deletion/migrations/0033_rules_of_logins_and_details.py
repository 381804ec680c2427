"""Logins of nobody's company and the details beside the ledger have rules; requests of systems are called what they are."""

from django.db import migrations

RULES = {
    "customers.user": {
        "label_de": "Logins ohne Unternehmen",
        "label_en": "Logins without a company",
        "start": "process",
        "days": 30,
        "norm_de": "Art. 5 Abs. 1 lit. e und Art. 17 Abs. 1 lit. a DSGVO",
        "norm_en": "Art. 5(1)(e) and Art. 17(1)(a) GDPR",
        "reason_de": "Wer für kein Unternehmen mehr handelt, kann in dieser Zeit wieder eingeladen werden; danach hat der Login keinen Zweck.",
        "reason_en": "Whoever acts for no company any more can be invited again in this time; after it the login has no purpose.",
    },
    "evidence.personal": {
        "label_de": "Angaben neben dem Nachweisbuch",
        "label_en": "Details beside the ledger of evidence",
        "start": "relationship",
        "months": 72,
        "to_year_end": True,
        "norm_de": "Art. 17 Abs. 3 lit. e DSGVO, §§ 195, 199 BGB, § 257 Abs. 1 Nr. 2 und Abs. 4 HGB",
        "norm_en": "Art. 17(3)(e) GDPR, §§ 195, 199 BGB, § 257(1) no. 2 and (4) HGB",
        "reason_de": "Dieselben Angaben wie in Annahmen, Verträgen auf Papier und Kündigungen; sie gehen mit der Zeile, zu der sie gehören.",
        "reason_en": "The same details as in acceptances, agreements on paper and cancellations; they go with the row that they belong to.",
    },
}
TEXTS = {
    "deletion.machinerequest": {"label_de": "Löschaufträge von Systemen"},
    "deletion.statuscall": {"reason_de": "Sagt dem System, das die Löschung verlangt hat, wie es um seinen Auftrag steht."},
}
# Nothing was ever deleted by this step; a plan that is under way must not wait for it.
UNFINISHED = """
DELETE FROM deletion_erasurestep s USING deletion_erasurerequest q
WHERE q.id = s.request_id AND q.state <> 'completed' AND s.dataset = 'evidence.personal'
"""


def enter(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    rules = apps.get_model("deletion", "RetentionRule").objects
    for dataset, rule in RULES.items():
        rules.get_or_create(dataset=dataset, defaults=rule)
    for dataset, texts in TEXTS.items():
        rules.filter(dataset=dataset).update(**texts)


class Migration(migrations.Migration):
    dependencies = [("deletion", "0032_held_asked_and_received_once"), ("customers", "0010_people_without_a_company")]
    operations = [
        migrations.RunPython(enter, migrations.RunPython.noop),
        migrations.RunSQL(UNFINISHED, migrations.RunSQL.noop),
    ]
