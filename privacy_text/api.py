"""Channels and their texts for the vendor's dashboard; activation, which waits for the agreement."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import customers.services
from customers.api import HasScope, company_of
from customers.authentication import TokenAuthentication
from customers.models import Channel, Customer, Scope, User
from privacy_text import embedding
from privacy_text.channel_pages import state_of, texts_of, updates_of
from privacy_text.handing_out import content
from privacy_text.models import ChannelText
from privacy_text.reading import TextKey, as_composed, current_sources, latest, open_question
from privacy_text.serializers import ActivationSerializer, ChannelSerializer


class AgreementRequiredForChannel(APIException):
    """Answered as 409: the state of the company stands against it (RFC 9110, 15.5.10), not the form of the request."""

    status_code = HTTPStatus.CONFLICT
    default_code = "agreement_required"
    default_detail = "A channel cannot be activated before the data processing agreement is accepted."


class TextIncomplete(APIException):
    """Answered as 409 with what is missing: texts with open places are not handed out."""

    status_code = HTTPStatus.CONFLICT
    default_code = "text_incomplete"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"The text has open places: {', '.join(missing)}.")


class Channels(APIView):
    """The company's channels in use, with how each text stands."""

    permission_classes = (IsAuthenticated, HasScope)
    scope = Scope.CHANNELS

    @extend_schema(responses=ChannelSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(ChannelSerializer(shown_channels(company_of(request)), many=True).data)


class Text(APIView):
    """One complete text in one language with the facts that it carries; 409 while places are open."""

    permission_classes = (IsAuthenticated, HasScope)
    scope = Scope.CHANNELS

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, public_id: uuid.UUID, kind: str, language: str) -> Response:
        text = latest(TextKey(channel_of(request, public_id), kind.replace("-", "_"), language))
        if text is None:
            raise Http404
        if not text.is_complete:
            with override(text.language):
                raise TextIncomplete([f"{asked.name} ({asked.label})" for asked in map(open_question, text.open_places)])
        composed = as_composed(text, current_sources(timezone.localdate()))
        return Response(content(composed) | {"number": text.number, "saved_at": text.saved_at, "sha256": text.sha256})


class Activation(APIView):
    """Switch a channel on. Behind no gate, since it answers for itself: 409 while no agreement is in force."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated, HasScope)
    scope = Scope.CHANNELS_WRITE

    @extend_schema(request=None, responses=ActivationSerializer)
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        channel = channel_of(request, public_id)
        assert isinstance(request.user, User)  # the permission classes let nobody else in
        try:
            channel = customers.services.activate_channel(channel=channel, by=request.user, at=timezone.now())
        except customers.services.AgreementMissing as missing:
            raise AgreementRequiredForChannel from missing
        return Response(ActivationSerializer({"public_id": channel.public_id, "active": channel.is_active}).data)


def channel_of(request: Request, public_id: uuid.UUID) -> Channel:
    channel: Channel | None = company_of(request).channels.kept().select_related("customer").filter(public_id=public_id).first()
    if channel is None:
        raise Http404
    return channel


def shown_channels(customer: Customer) -> list[dict[str, Any]]:
    channels = list(customer.channels.kept())
    texts, updates = texts_of(channels), updates_of(channels)
    return [
        {
            "public_id": channel.public_id,
            "channel_type": channel.channel_type,
            "name": channel.name,
            "address": channel.address,
            "active": channel.is_active,
            "texts": [
                shown_text(channel, text, has_update=place in updates) for place, text in sorted(texts.items()) if place[0] == channel.pk
            ],
            "embed": embedding.addresses(channel),
        }
        for channel in channels
    ]


def shown_text(channel: Channel, text: ChannelText, *, has_update: bool) -> dict[str, Any]:
    kind = text.kind.replace("_", "-")
    return {
        "kind": text.kind,
        "language": text.language,
        "number": text.number,
        "state": state_of(text, has_update=has_update),
        "sample_version": text.sample_text.number if text.sample_text else None,
        "missing": text.open_places,
        "saved_at": text.saved_at,
        "sha256": text.sha256,
        "url": settings.PORTAL_ORIGIN + reverse("api_channel_text", args=[channel.public_id, kind, text.language]),
    }


urlpatterns = [
    path("channels/", Channels.as_view(), name="api_channels"),
    path("channels/<uuid:public_id>/texts/<slug:kind>/<slug:language>/", Text.as_view(), name="api_channel_text"),
    path("channels/<uuid:public_id>/activation/", Activation.as_view(), name="api_channel_activation"),
]
