from django.db import migrations

TYPES = (
    ("web_push", "Web-Push", "Web push", "website"),
    ("app_push", "App-Push", "App push", "app"),
    ("facebook_messenger", "Facebook Messenger", "Facebook Messenger", "messenger"),
    ("telegram", "Telegram", "Telegram", "messenger"),
)


def add(apps, schema_editor):
    ChannelType = apps.get_model("privacy_text", "ChannelType")
    ChannelType.objects.bulk_create(
        ChannelType(key=key, label_de=german, label_en=english, kind=kind, sort=position)
        for position, (key, german, english, kind) in enumerate(TYPES)
    )


def remove(apps, schema_editor):
    apps.get_model("privacy_text", "ChannelType").objects.filter(key__in=[row[0] for row in TYPES]).delete()


class Migration(migrations.Migration):
    dependencies = [("privacy_text", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
