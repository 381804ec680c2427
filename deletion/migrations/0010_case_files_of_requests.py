from django.db import migrations

NORM = "Art. 5(2) GDPR, §§ 195, 199 BGB"
PROVES = (
    "Nachweis, dass die Anfrage beantwortet wurde; enthält Kennzeichen, Zeiten und zufällige Nummern.",
    "Proof that the request was answered; holds codes, times and random references.",
)
# dataset, name in German and English, months, days, to the end of the year, norm, (reason in German, in English)
RULES = (
    ("deletion.casefile", "Anfragen im Vorgang", "Requests on the desk", 36, 0, True, NORM, PROVES),
    ("deletion.caseevent", "Ereignisse der Anfragen", "Events of requests", 36, 0, True, NORM, PROVES),
    ("deletion.handwork", "Löschungen von Hand", "Deletions by hand", 36, 0, True, NORM, PROVES),
    (
        "deletion.casenote",
        "Notizen zu Anfragen",
        "Notes on requests",
        36,
        0,
        True,
        NORM,
        ("Begründet, was entschieden wurde.", "Gives the reasons of what was decided."),
    ),
    (
        "deletion.caseperson",
        "Wer angefragt hat",
        "Who asked",
        0,
        30,
        False,
        "Art. 12(3) GDPR",
        ("Die Antwort muss die Person erreichen.", "The answer has to reach the person."),
    ),
)


def enter(apps, schema_editor):
    """Open a file for every request that was made before there were files, and say how long files are kept."""
    if schema_editor.connection.alias != "default":
        return
    case_file = apps.get_model("deletion", "CaseFile")
    for request in apps.get_model("deletion", "ErasureRequest").objects.filter(case_file=None):
        case_file.objects.create(
            reference=request.reference,
            kind="account",
            source="owner",
            language=request.language,
            customer_id=request.customer_id,
            customer_reference=request.customer_reference,
            erasure=request,
            received_at=request.requested_at,
            recorded_at=request.requested_at,
            due_date=request.due_date,
            data_return=request.data_return,
        )
    rule = apps.get_model("deletion", "RetentionRule")
    for dataset, label_de, label_en, months, days, to_year_end, norm, (reason_de, reason_en) in RULES:
        names = {"label_de": label_de, "label_en": label_en, "reason_de": reason_de, "reason_en": reason_en}
        period = {"start": "process", "months": months, "days": days, "to_year_end": to_year_end, "norm": norm}
        rule.objects.get_or_create(dataset=dataset, defaults=names | period)


class Migration(migrations.Migration):
    dependencies = [("deletion", "0009_case_files")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
