from django.db import migrations, models

KINDS = (
    ("opt_in_title", "Title"),
    ("opt_in_message", "Message"),
    ("opt_in_statistics", "Sentence on evaluation by consent"),
    ("opt_in_interest", "Sentence on evaluation by legitimate interest"),
    ("opt_in_segments", "Sentence on topics"),
    ("opt_in_profile", "Sentence on names from the messenger"),
    ("opt_in_allow", "Button to agree"),
    ("opt_in_later", "Button to decline"),
    ("opt_in_privacy", "Privacy line"),
)


class Migration(migrations.Migration):
    dependencies = [("privacy_text", "0009_editors")]
    operations = [
        migrations.RemoveConstraint(model_name="sampletextpart", name="privacy_text_part_kind_known"),
        migrations.AlterField(
            model_name="sampletextpart", name="kind", field=models.CharField(choices=KINDS, max_length=20, verbose_name="kind")
        ),
        migrations.AddConstraint(
            model_name="sampletextpart",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [key for key, _label in KINDS])), name="privacy_text_part_kind_known"
            ),
        ),
    ]
