# ruff: noqa: E501  # a table reads better in rows
"""Who operates messengers and push services under which name, and how long a prompt may be; nobody has verified the rows yet."""

import datetime

from django.db import migrations

DAY = datetime.date
# Names without a known first day are entered from the day on which the GDPR applied.
KNOWN = DAY(2018, 5, 25)
PUSH = ("web_push", "app_push")

DPF = (
    "Übermittlungen in die USA stützt das Unternehmen nach eigenen Angaben auf das EU-US Data Privacy Framework (Art. 45 DSGVO) und auf Standardvertragsklauseln (Art. 46 Abs. 2 lit. c DSGVO)",
    "According to its own statements, the company bases transfers to the USA on the EU-US Data Privacy Framework (Art. 45 GDPR) and on standard contractual clauses (Art. 46(2)(c) GDPR)",
)
TELEGRAM = (
    "Das Unternehmen hat seinen Sitz außerhalb des Europäischen Wirtschaftsraums und legt nach eigenen Angaben Daten gegenüber Unternehmen seiner Gruppe auf den Britischen Jungferninseln und in Dubai offen; für beide Orte gibt es keinen Angemessenheitsbeschluss, die Weitergabe stützt es auf Standardvertragsklauseln (Art. 46 Abs. 2 lit. c DSGVO)",
    "The company is established outside the European Economic Area and, according to its own statements, discloses data to companies of its group in the British Virgin Islands and in Dubai; there is no adequacy decision for either place, and it bases the disclosure on standard contractual clauses (Art. 46(2)(c) GDPR)",
)
NONE = ("", "")
EDPO = ("EDPO, Avenue Huart Hamoir 71, 1030 Brüssel, Belgien", "EDPO, Avenue Huart Hamoir 71, 1030 Brussels, Belgium")

# key, role, channel types, legal name, service, address, representative, country, transfer, policy, from, to
OPERATORS = (
    ("meta", "operator", ("facebook_messenger",), "Facebook Ireland Limited", "Facebook Messenger", "4 Grand Canal Square, Grand Canal Harbour, Dublin 2", NONE, "IE", DPF, "https://www.facebook.com/privacy/policy/", KNOWN, DAY(2022, 1, 4)),
    ("meta", "operator", ("facebook_messenger",), "Meta Platforms Ireland Limited", "Facebook Messenger", "Merrion Road, Dublin 4, D04 X2K5", NONE, "IE", DPF, "https://www.facebook.com/privacy/policy/", DAY(2022, 1, 5), None),
    ("telegram", "operator", ("telegram",), "Telegram Messenger Inc.", "Telegram", "", EDPO, "VG", TELEGRAM, "https://telegram.org/privacy", KNOWN, None),
    ("telegram-group", "affiliate", ("telegram",), "Telegram Group Inc.", "Telegram", "", NONE, "VG", NONE, "https://telegram.org/privacy", KNOWN, None),
    ("telegram-dubai", "affiliate", ("telegram",), "Telegram FZ-LLC", "Telegram", "", NONE, "AE", NONE, "https://telegram.org/privacy", KNOWN, None),
    ("google", "operator", PUSH, "Google Ireland Limited", "Firebase Cloud Messaging", "Gordon House, Barrow Street, Dublin 4", NONE, "IE", DPF, "https://policies.google.com/privacy", KNOWN, None),
    ("apple", "operator", PUSH, "Apple Distribution International Limited", "Apple Push Notification service", "Hollyhill Industrial Estate, Hollyhill, Cork", NONE, "IE", NONE, "https://www.apple.com/legal/privacy/", KNOWN, None),
    ("mozilla", "operator", ("web_push",), "Mozilla Corporation", "Mozilla Push Service", "149 New Montgomery Street, San Francisco, CA 94105", NONE, "US", DPF, "https://www.mozilla.org/privacy/firefox/", KNOWN, None),
    ("microsoft", "operator", ("web_push",), "Microsoft Ireland Operations Limited", "Windows Push Notification Services", "One Microsoft Place, South County Business Park, Leopardstown, Dublin 18", NONE, "IE", DPF, "https://privacy.microsoft.com/privacystatement", KNOWN, None),
)  # fmt: skip

PROMPT = "https://documentation.onesignal.com/docs/permission-requests"
MESSENGER = "https://developers.facebook.com/docs/messenger-platform/send-messages/template/button"
BOT = "https://core.telegram.org/bots/api"
# Channel type, text, platform, characters, source
LIMITS = (
    ("web_push", "opt_in_message", "OneSignal Slide Prompt", 90, PROMPT),
    ("web_push", "opt_in_allow", "OneSignal Slide Prompt", 15, PROMPT),
    ("web_push", "opt_in_later", "OneSignal Slide Prompt", 15, PROMPT),
    ("app_push", "opt_in_allow", "OneSignal Slide Prompt", 15, PROMPT),
    ("app_push", "opt_in_later", "OneSignal Slide Prompt", 15, PROMPT),
    ("facebook_messenger", "opt_in_message", "Messenger Button Template", 640, MESSENGER),
    ("facebook_messenger", "opt_in_allow", "Messenger Button Template", 20, MESSENGER),
    ("facebook_messenger", "opt_in_later", "Messenger Button Template", 20, MESSENGER),
    ("telegram", "opt_in_message", "Telegram Bot Description", 512, BOT),
    ("telegram", "opt_in_message", "Telegram Message", 4096, BOT),
)
AVAILABILITY = (
    "Meta hat die regelmäßigen Benachrichtigungen im Messenger am 10. Februar 2026 beendet, ausgenommen Australien, die EU, Japan, Südkorea und das Vereinigte Königreich; der Nachfolger (Marketing Messages) nannte bis Juli 2026 kein Land der EU. Vor dem Einsatz bei Meta prüfen, ob und wie lange der Kanal noch verfügbar ist.",
    "Meta ended recurring notifications in Messenger on 10 February 2026, except in Australia, the EU, Japan, South Korea and the United Kingdom; as of July 2026 its successor (Marketing Messages) named no country of the EU. Before use, check with Meta whether and how long the channel is still available.",
)


def add(apps, schema_editor):
    ChannelType = apps.get_model("privacy_text", "ChannelType")
    Operator = apps.get_model("privacy_text", "Operator")
    LengthLimit = apps.get_model("privacy_text", "LengthLimit")
    types = {row.key: row for row in ChannelType.objects.all()}
    for position, (key, role, keys, name, service, address, representative, country, transfer, policy, first, last) in enumerate(OPERATORS):
        operator = Operator.objects.create(
            key=key,
            role=role,
            legal_name=name,
            service_name=service,
            address=address,
            representative_de=representative[0],
            representative_en=representative[1],
            seat_country=country,
            transfer_de=transfer[0],
            transfer_en=transfer[1],
            policy_url=policy,
            valid_from=first,
            valid_to=last,
            sort=position,
        )
        operator.channel_types.set([types[name] for name in keys])
    LengthLimit.objects.bulk_create(
        LengthLimit(channel_type=types[key], part=part, platform=platform, characters=characters, source_url=source)
        for key, part, platform, characters, source in LIMITS
    )
    ChannelType.objects.filter(key="facebook_messenger").update(availability_de=AVAILABILITY[0], availability_en=AVAILABILITY[1])


def remove(apps, schema_editor):
    for name in ("Operator", "LengthLimit"):
        apps.get_model("privacy_text", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("privacy_text", "0005_passages_are_kept")]
    operations = [migrations.RunPython(add, remove)]
