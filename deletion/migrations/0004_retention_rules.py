from django.db import migrations

CLAIMS = "Art. 17(3)(e) GDPR, §§ 195, 199 BGB, § 257(1) no. 2 and (4) HGB"
PROVES_CONTRACT = (
    "Nachweis, dass und mit wem der Vertrag geschlossen wurde, solange daraus Ansprüche entstehen können.",
    "Proof that, and with whom, the agreement was concluded, as long as claims may arise from it.",
)
PROVES_ERASURE = (
    "Nachweis, dass die Löschung verlangt, ausgeführt und geprüft wurde; enthält keine Personennamen.",
    "Proof that the deletion was asked for, carried out and verified; names no person.",
)
# dataset, name in German and English, start, months, days, to the end of the year, norm, (reason in German, in English)
RULES = (
    (
        "account",
        "Daten des Kontos und seiner Abonnements",
        "Data of the account and its subscriptions",
        "relationship",
        1,
        0,
        False,
        "Art. 28(3)(g), Art. 12(3), Art. 17(1) GDPR",
        (
            "Nach dem Ende der Beziehung gibt es keinen Zweck mehr; der Monat ist die Frist, in der die Löschung läuft.",
            "After the end of the relationship no purpose is left; the month is the time in which the deletion runs.",
        ),
    ),
    ("dpa.acceptance", "Annahmen des Vertrags", "Acceptances of the agreement", "relationship", 72, 0, True, CLAIMS, PROVES_CONTRACT),
    (
        "dpa.acceptanceparty",
        "Vertragsparteien und Annehmende",
        "Parties and people who accepted",
        "relationship",
        72,
        0,
        True,
        CLAIMS,
        PROVES_CONTRACT,
    ),
    (
        "dpa.executedagreement",
        "Geschlossene Verträge als Dokument",
        "Concluded agreements as documents",
        "relationship",
        72,
        0,
        True,
        CLAIMS,
        PROVES_CONTRACT,
    ),
    ("dpa.paperagreement", "Verträge auf Papier", "Agreements on paper", "relationship", 72, 0, True, CLAIMS, PROVES_CONTRACT),
    (
        "dpa.serving",
        "Nachweise der Anzeige des Textes",
        "Proofs that the text was shown",
        "relationship",
        72,
        0,
        True,
        CLAIMS,
        PROVES_CONTRACT,
    ),
    (
        "deletion.erasurerequest",
        "Löschaufträge mit Schritten und Bescheinigung",
        "Deletion requests with steps and certificate",
        "process",
        36,
        0,
        True,
        "Art. 5(2) GDPR, §§ 195, 199 BGB",
        PROVES_ERASURE,
    ),
    (
        "deletion.cancellation",
        "Kündigungen",
        "Cancellations",
        "collection",
        72,
        0,
        True,
        "§ 257(1) no. 2 and (4) HGB, § 147(1) no. 2 and (3) AO",
        ("Handelsbrief, der einen Vertrag beendet.", "A commercial letter that ends a contract."),
    ),
    (
        "deletion.erasurecontact",
        "Empfänger der Löschbescheinigung",
        "Recipients of the certificate",
        "process",
        0,
        30,
        False,
        "Art. 12(3) GDPR",
        (
            "Die Bescheinigung muss zugestellt und bei einem Fehler erneut gesendet werden können.",
            "The certificate has to be delivered, and to be sent again after a failure.",
        ),
    ),
    (
        "invoices",
        "Rechnungen (in der Buchhaltung, nicht im Portal)",
        "Invoices (in the accounts, not in the portal)",
        "collection",
        96,
        0,
        True,
        "§ 147(1) no. 4 and (3) AO, § 257(1) no. 4 and (4) HGB, § 14b UStG",
        ("Buchungsbelege, seit dem 1. Januar 2025 acht Jahre.", "Accounting vouchers, eight years since 1 January 2025."),
    ),
)


def enter(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    rule = apps.get_model("deletion", "RetentionRule")
    for dataset, label_de, label_en, start, months, days, to_year_end, norm, (reason_de, reason_en) in RULES:
        rule.objects.get_or_create(
            dataset=dataset,
            defaults={
                "label_de": label_de,
                "label_en": label_en,
                "start": start,
                "months": months,
                "days": days,
                "to_year_end": to_year_end,
                "norm": norm,
                "reason_de": reason_de,
                "reason_en": reason_en,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("deletion", "0003_guards")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
