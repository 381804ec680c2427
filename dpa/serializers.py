"""What the API says about versions, acceptances and the gate."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dpa.models import Acceptance, AgreementText, AgreementVersion


class TextSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]  # not subscriptable at run time
    """One language of a version; ``text_url`` leads to the bytes that ``sha256`` is taken over."""

    text_url = serializers.SerializerMethodField()
    pdf_url = serializers.SerializerMethodField()

    class Meta:
        model = AgreementText
        fields = ["language", "title", "sha256", "text_url", "pdf_url"]

    def get_text_url(self, text: AgreementText) -> str:
        return f"{settings.PORTAL_ORIGIN}{reverse('dpa_version_text', args=[text.version.number])}?language={text.language}"

    def get_pdf_url(self, text: AgreementText) -> str:
        return f"{settings.PORTAL_ORIGIN}{reverse('dpa_version_pdf', args=[text.version.number])}?language={text.language}"


class VersionSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]  # not subscriptable at run time
    """A version that is or was in force, with the annexes that it pins."""

    texts = TextSerializer(many=True)
    measures_version = serializers.CharField(source="measure_set.number")
    subprocessors_version = serializers.CharField(source="subprocessor_list.number")

    class Meta:
        model = AgreementVersion
        fields = [
            "number",
            "state",
            "change_kind",
            "published_at",
            "effective_date",
            "must_accept_by",
            "prevailing_language",
            "sha256",
            "measures_version",
            "subprocessors_version",
            "texts",
        ]


class AcceptanceSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]  # not subscriptable at run time
    """An acceptance of the token's own company; no person is named."""

    version = serializers.CharField(source="version.number")
    document = serializers.SerializerMethodField()

    class Meta:
        model = Acceptance
        fields = [
            "reference",
            "version",
            "language",
            "accepted_at",
            "text_sha256",
            "shown_sha256",
            "pdf_sha256",
            "measures_number",
            "subprocessors_number",
            "leaf_hash",
            "document",
        ]

    @extend_schema_field(
        {
            "type": "object",
            "nullable": True,
            "properties": {
                "sha256": {"type": "string"},
                "pages": {"type": "integer"},
                "size": {"type": "integer"},
                "url": {"type": "string"},
            },
        }
    )
    def get_document(self, acceptance: Acceptance) -> dict[str, Any] | None:
        executed = getattr(acceptance, "executed", None)
        if executed is None:
            return None
        url = settings.PORTAL_ORIGIN + reverse("api_executed_pdf", args=[acceptance.reference])
        return {"sha256": executed.sha256, "pages": executed.pages, "size": executed.size, "url": url}


class GateSerializer(serializers.Serializer):  # type: ignore[type-arg]  # not subscriptable at run time
    """The gate's answer for the token's company; ``valid_until`` is null when no date closes it."""

    open = serializers.BooleanField()
    valid_until = serializers.DateTimeField(allow_null=True)
    current_version = serializers.CharField(allow_null=True)
    accepted_version = serializers.CharField(allow_null=True)
    accept_url = serializers.URLField()
