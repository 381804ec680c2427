import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SCOPES = [
    ("agreement:read", "State of the agreement"),
    ("documents:read", "Documents"),
    ("channels:read", "Channels and their texts"),
    ("channels:write", "Activate channels"),
]
TO_USER = {"to": settings.AUTH_USER_MODEL, "on_delete": django.db.models.deletion.SET_NULL, "related_name": "+", "null": True}


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_parties_and_people")]
    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel_type", models.SlugField(max_length=40, verbose_name="channel type")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("address", models.URLField(blank=True, default="", verbose_name="address of the website or app")),
                ("privacy_url", models.URLField(blank=True, default="", verbose_name="address of the privacy notice")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="public identifier")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("activated_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="active since")),
                ("removed_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="removed")),
                ("created_by", models.ForeignKey(verbose_name="created by", **TO_USER)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="channels",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "channel",
                "verbose_name_plural": "channels",
                "ordering": ["name", "pk"],
                "default_permissions": ("view",),
            },
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(condition=~models.Q(name=""), name="channel_has_a_name"),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(
                condition=models.Q(removed_at=None) | models.Q(activated_at=None), name="channel_removed_is_not_active"
            ),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.UniqueConstraint(condition=models.Q(removed_at=None), fields=("customer", "name"), name="channel_name_once"),
        ),
        migrations.RemoveConstraint(model_name="apitoken", name="api_token_scopes_known"),
        migrations.AlterField(
            model_name="apitoken",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=SCOPES, max_length=30), size=None, verbose_name="scopes"
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(scopes__contained_by=[scope for scope, _label in SCOPES], scopes__len__gt=0),
                name="api_token_scopes_known",
            ),
        ),
    ]
