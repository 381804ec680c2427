from django.db import migrations


def enter(apps, schema_editor):
    """Until now only the desk could cancel."""
    rows = apps.get_model("subscriptions", "Subscription").objects.filter(cancelled_at__isnull=False, cancelled_through="")
    rows.update(cancelled_through="desk")


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0002_proof_and_suppression")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
