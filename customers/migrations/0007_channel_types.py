"""Channel types come down to where channels are, so that the register of subprocessors can ask them. The table stays as it is."""

from django.db import migrations, models


def rename(apps, old, new):
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label=old, model="channeltype").update(app_label=new)


def come_down(apps, schema_editor):
    """Permissions hang on the type of content, and follow it."""
    rename(apps, "privacy_text", "customers")


def go_back(apps, schema_editor):
    rename(apps, "customers", "privacy_text")


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0006_scopes_say_what_they_allow"),
        ("privacy_text", "0010_names_in_prompts"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ChannelType",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("key", models.SlugField(max_length=40, unique=True, verbose_name="key")),
                        ("label_de", models.CharField(max_length=80, verbose_name="label (German)")),
                        ("label_en", models.CharField(max_length=80, verbose_name="label (English)")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("website", "Website"), ("app", "App"), ("messenger", "Messenger")],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("availability_de", models.TextField(blank=True, default="", verbose_name="note on availability (German)")),
                        ("availability_en", models.TextField(blank=True, default="", verbose_name="note on availability (English)")),
                        ("sort", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                    ],
                    options={
                        "db_table": "privacy_text_channeltype",
                        "default_permissions": ("view", "add", "change"),
                        "verbose_name": "channel type",
                        "verbose_name_plural": "channel types",
                        "ordering": ["sort", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["website", "app", "messenger"])), name="privacy_text_channel_kind_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("key__in", ("compare", "versions")), _negated=True),
                                name="privacy_text_channel_key_is_free",
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.RunPython(come_down, go_back),
    ]
