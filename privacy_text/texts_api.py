"""The sample texts for programs: types, versions, and composed texts; public and read-only."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.utils.translation import override
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customers.models import ChannelType
from privacy_text import handing_out, pages
from privacy_text.composing import Kind
from privacy_text.forms import defaults
from privacy_text.models import SampleText

KINDS: dict[str, Kind] = {"passage": "passage", "opt_in": "opt_in"}
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


class ChannelTypeSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]  # not subscriptable at run time
    """A type of channel; its key is the last part of the address of its texts."""

    class Meta:
        model = ChannelType
        fields = ["key", "kind", "label_de", "label_en", "availability_de", "availability_en"]


class SampleTextSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    """A version that is or was in force; the hash is taken over all its templates (RFC 8785)."""

    class Meta:
        model = SampleText
        fields = ["number", "state", "effective_date", "superseded_at", "change_kind", "change_note_de", "change_note_en", "sha256"]


class ParagraphSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    heading = serializers.CharField()
    text = serializers.CharField()
    facts = serializers.ListField(child=serializers.CharField())


class ComposedSerializer(serializers.Serializer[Any]):
    """A text as it is handed out, with the facts that it carries and the reasons for those that it does not need."""

    channel_type = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(KINDS))
    language = serializers.ChoiceField(choices=LANGUAGES)
    version = serializers.CharField()
    effective_date = serializers.DateField()
    subprocessors_version = serializers.CharField()
    mark = serializers.CharField()
    choices = serializers.DictField()
    title = serializers.CharField()
    paragraphs = ParagraphSerializer(many=True)
    not_applicable = serializers.DictField(child=serializers.CharField())
    disclaimer = serializers.CharField()
    stamp = serializers.CharField()


class Public(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)


class ChannelTypes(Public, ListAPIView[ChannelType]):
    """The types of channels that there are texts for."""

    serializer_class = ChannelTypeSerializer
    filter_backends = ()
    pagination_class = None

    def get_queryset(self) -> QuerySet[ChannelType]:
        return pages.types_of(SampleText.objects.current())


class Versions(Public, ListAPIView[SampleText]):
    """All versions of the sample texts that are or were in force, newest first."""

    serializer_class = SampleTextSerializer
    filter_backends = ()
    queryset = SampleText.objects.readable()


class Text(Public):
    """A text for one channel type; switches and answers are parameters, as on the public page."""

    @extend_schema(
        operation_id="texts_composed",
        responses=ComposedSerializer,
        parameters=[
            OpenApiParameter("language", enum=LANGUAGES),
            OpenApiParameter("version", description="A number; without it the version in force."),
            *(OpenApiParameter(name) for name in defaults()),
        ],
    )
    def get(self, request: Request, key: str, kind: str) -> Response:
        """Answer with the text, or with 400 and what is missing: a text with open places is not handed out."""
        asked = request.query_params.dict()
        version = pages.find_version(asked.get("version", ""))
        if kind not in KINDS or version is None:
            raise Http404
        language = asked.get("language", LANGUAGES[0])
        if language not in LANGUAGES:
            raise serializers.ValidationError({"language": [", ".join(LANGUAGES)]})
        with override(language):
            return Response(composed_or_refused(version, key, KINDS[kind], language, asked))


def composed_or_refused(version: SampleText, key: str, kind: Kind, language: str, asked: dict[str, str]) -> dict[str, object]:
    """Return the text's content; raises ValidationError with wrong choices, or with the question for each open place."""
    row = get_object_or_404(pages.types_of(version), key=key)
    form = pages.switch_form(asked, row, language)
    composed = pages.composed_text(version, row, language, kind, form, timezone.localdate())
    if form.errors:
        raise serializers.ValidationError({name: [str(message) for message in messages] for name, messages in form.errors.items()})
    try:
        return handing_out.content(composed)
    except handing_out.OpenPlaces as refusal:
        raise serializers.ValidationError({question.name: [question.label] for question in refusal.missing}) from refusal


urlpatterns = [
    path("texts/", ChannelTypes.as_view(), name="api_texts"),
    path("texts/versions/", Versions.as_view(), name="api_texts_versions"),
    path("texts/<slug:key>/<slug:kind>/", Text.as_view(), name="api_text"),
]
