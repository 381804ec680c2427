from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dpa", "0002_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name="acceptanceparty",
            name="person_email_confirmed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
