import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_channels"),
    ]

    operations = [
        migrations.CreateModel(
            name="SealedLetter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("sealed", models.TextField(editable=False, verbose_name="encrypted content")),
                ("created_at", models.DateTimeField(verbose_name="created")),
            ],
            options={
                "verbose_name": "letter that waits for the mail server",
                "verbose_name_plural": "letters that wait for the mail server",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="user",
            name="email_confirmed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="e-mail address confirmed"),
        ),
    ]
