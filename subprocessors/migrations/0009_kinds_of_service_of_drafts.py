"""Entries of drafts get the kind of service that their purpose speaks of; published lists keep every byte that was hashed."""

from django.db import migrations
from django.db.models import Q

SAYS_SO = r"\y(content[ -]delivery|CDN)\y"


def fill(apps, schema_editor):
    entries = apps.get_model("subprocessors", "Subprocessor").objects.filter(subprocessor_list__state="draft", service_kind="")
    entries.filter(Q(purpose_de__iregex=SAYS_SO) | Q(purpose_en__iregex=SAYS_SO)).update(service_kind="content_delivery")
    entries.filter(service_kind="").update(service_kind="other")


class Migration(migrations.Migration):
    dependencies = [("subprocessors", "0008_channel_types_exist")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
