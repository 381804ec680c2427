"""Names of columns for people; no statement changes the database."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0008_names_of_columns"),
        ("dpa", "0004_editors"),
        ("subprocessors", "0010_names_of_columns"),
        ("toms", "0007_names_of_columns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="acceptance",
            name="accepted_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="accepted by",
            ),
        ),
        migrations.AlterField(
            model_name="acceptance",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="acceptances",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="acceptance",
            name="measures_sha256",
            field=models.CharField(max_length=64, verbose_name="SHA-256 of the measures"),
        ),
        migrations.AlterField(
            model_name="acceptance",
            name="subprocessors_sha256",
            field=models.CharField(max_length=64, verbose_name="SHA-256 of the list of subprocessors"),
        ),
        migrations.AlterField(
            model_name="acceptance",
            name="text",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="acceptances", to="dpa.agreementtext", verbose_name="text"
            ),
        ),
        migrations.AlterField(
            model_name="acceptance",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="acceptances", to="dpa.agreementversion", verbose_name="version"
            ),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="acceptance",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                primary_key=True,
                related_name="party",
                serialize=False,
                to="dpa.acceptance",
                verbose_name="acceptance",
            ),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="acts_as",
            field=models.CharField(
                choices=[("controller", "controller"), ("processor", "processor")], max_length=20, verbose_name="acts as"
            ),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="address_lines",
            field=models.JSONField(default=list, verbose_name="address"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="authentication",
            field=models.CharField(blank=True, max_length=40, verbose_name="way of signing in"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="ip_address",
            field=models.CharField(blank=True, max_length=45, verbose_name="IP address"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="legal_name",
            field=models.CharField(max_length=200, verbose_name="company"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="person_email",
            field=models.EmailField(max_length=254, verbose_name="e-mail address"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="person_email_confirmed_at",
            field=models.DateTimeField(null=True, verbose_name="e-mail address confirmed at"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="person_function",
            field=models.CharField(max_length=150, verbose_name="function of the person"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="person_name",
            field=models.CharField(max_length=150, verbose_name="name of the person"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="register_number",
            field=models.CharField(blank=True, max_length=100, verbose_name="register number"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="session_sha256",
            field=models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the session"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="statement",
            field=models.TextField(verbose_name="statement"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="user_agent",
            field=models.CharField(blank=True, max_length=500, verbose_name="browser"),
        ),
        migrations.AlterField(
            model_name="acceptanceparty",
            name="vat_number",
            field=models.CharField(blank=True, max_length=30, verbose_name="VAT number"),
        ),
        migrations.AlterField(
            model_name="agreementdocument",
            name="created_at",
            field=models.DateTimeField(verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="agreementdocument",
            name="pages",
            field=models.PositiveIntegerField(verbose_name="pages"),
        ),
        migrations.AlterField(
            model_name="agreementdocument",
            name="sha256",
            field=models.CharField(max_length=64, verbose_name="SHA-256 of the file"),
        ),
        migrations.AlterField(
            model_name="agreementdocument",
            name="size",
            field=models.PositiveIntegerField(verbose_name="size in bytes"),
        ),
        migrations.AlterField(
            model_name="agreementdocument",
            name="text",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="dpa.agreementtext", verbose_name="text"
            ),
        ),
        migrations.AlterField(
            model_name="agreementdocument",
            name="text_sha256",
            field=models.CharField(max_length=64, verbose_name="SHA-256 of the published text"),
        ),
        migrations.AlterField(
            model_name="agreementtext",
            name="filled_body",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="body, filled"),
        ),
        migrations.AlterField(
            model_name="agreementtext",
            name="filled_description",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="description of processing, filled"),
        ),
        migrations.AlterField(
            model_name="agreementtext",
            name="plain_text",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="plain text"),
        ),
        migrations.AlterField(
            model_name="agreementtext",
            name="provider_facts",
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name="details of the provider"),
        ),
        migrations.AlterField(
            model_name="agreementtext",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="dpa.agreementversion", verbose_name="version"
            ),
        ),
        migrations.AlterField(
            model_name="agreementversion",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="approved by",
            ),
        ),
        migrations.AlterField(
            model_name="agreementversion",
            name="created_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="created by",
            ),
        ),
        migrations.AlterField(
            model_name="agreementversion",
            name="measure_set",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="toms.measureset",
                verbose_name="version of the measures",
            ),
        ),
        migrations.AlterField(
            model_name="agreementversion",
            name="published_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="published by",
            ),
        ),
        migrations.AlterField(
            model_name="agreementversion",
            name="subprocessor_list",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="subprocessors.subprocessorlist",
                verbose_name="version of the subprocessors",
            ),
        ),
        migrations.AlterField(
            model_name="decline",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="declines", to="customers.customer", verbose_name="customer"
            ),
        ),
        migrations.AlterField(
            model_name="decline",
            name="declined_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="declined by",
            ),
        ),
        migrations.AlterField(
            model_name="decline",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="dpa.agreementversion", verbose_name="version"
            ),
        ),
        migrations.AlterField(
            model_name="delegation",
            name="acceptance",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="dpa.acceptance",
                verbose_name="acceptance",
            ),
        ),
        migrations.AlterField(
            model_name="delegation",
            name="created_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="invited by",
            ),
        ),
        migrations.AlterField(
            model_name="delegation",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="delegations", to="customers.customer", verbose_name="customer"
            ),
        ),
        migrations.AlterField(
            model_name="delegation",
            name="token_sha256",
            field=models.CharField(max_length=64, unique=True, verbose_name="SHA-256 of the link"),
        ),
        migrations.AlterField(
            model_name="executedagreement",
            name="acceptance",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                primary_key=True,
                related_name="executed",
                serialize=False,
                to="dpa.acceptance",
                verbose_name="acceptance",
            ),
        ),
        migrations.AlterField(
            model_name="executedagreement",
            name="pages",
            field=models.PositiveIntegerField(verbose_name="pages"),
        ),
        migrations.AlterField(
            model_name="executedagreement",
            name="rendered_at",
            field=models.DateTimeField(verbose_name="made at"),
        ),
        migrations.AlterField(
            model_name="executedagreement",
            name="sha256",
            field=models.CharField(max_length=64, verbose_name="SHA-256 of the file"),
        ),
        migrations.AlterField(
            model_name="executedagreement",
            name="size",
            field=models.PositiveIntegerField(verbose_name="size in bytes"),
        ),
        migrations.AlterField(
            model_name="paperagreement",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="paper_agreements",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="paperagreement",
            name="imported_by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AlterField(
            model_name="serving",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="serving",
            name="first_served_at",
            field=models.DateTimeField(verbose_name="first shown at"),
        ),
        migrations.AlterField(
            model_name="serving",
            name="form",
            field=models.CharField(choices=[("page", "page"), ("pdf", "PDF")], max_length=4, verbose_name="form"),
        ),
        migrations.AlterField(
            model_name="serving",
            name="text",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="dpa.agreementtext", verbose_name="text"
            ),
        ),
    ]
