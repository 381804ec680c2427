"""Versions and executed agreements for the vendor's dashboard, and the gate's answer for a customer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customers.api import HasScope, company_of
from customers.models import Scope
from dpa import reading
from dpa.gate import OPEN_END, is_open
from dpa.models import Acceptance, AgreementVersion
from dpa.serializers import AcceptanceSerializer, GateSerializer, VersionSerializer
from dpa.views.documents import pdf_response


class Versions(ListAPIView[AgreementVersion]):
    """All versions that are or were in force, newest first; public."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = VersionSerializer
    filter_backends = ()

    def get_queryset(self) -> QuerySet[AgreementVersion]:
        versions: QuerySet[AgreementVersion] = reading.versions().prefetch_related("texts__version")
        return versions


class Version(RetrieveAPIView[AgreementVersion]):
    """One version by its number; public."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = VersionSerializer
    lookup_field = "number"

    def get_queryset(self) -> QuerySet[AgreementVersion]:
        versions: QuerySet[AgreementVersion] = reading.versions().prefetch_related("texts__version")
        return versions


class Gate(APIView):
    """Whether the token's company has an agreement in force; answers while the gate is closed."""

    permission_classes = (IsAuthenticated, HasScope)
    scope = Scope.AGREEMENT

    @extend_schema(responses=GateSerializer)
    def get(self, request: Request) -> Response:
        customer = company_of(request)
        current, accepted = reading.current(), reading.latest_acceptance(customer)
        answer: dict[str, Any] = {
            "open": is_open(customer, timezone.now()),
            "valid_until": None if customer.agreement_valid_until >= OPEN_END else customer.agreement_valid_until,
            "current_version": current.number if current else None,
            "accepted_version": accepted.version.number if accepted else None,
            "accept_url": settings.PORTAL_ORIGIN + reverse("agreement"),
        }
        return Response(GateSerializer(answer).data)


class Executed(ListAPIView[Acceptance]):
    """The company's own executed agreements, newest first."""

    permission_classes = (IsAuthenticated, HasScope)
    scope = Scope.DOCUMENTS
    serializer_class = AcceptanceSerializer
    filter_backends = ()
    queryset = Acceptance.objects.none()

    def get_queryset(self) -> QuerySet[Acceptance]:
        if getattr(self, "swagger_fake_view", False):  # the schema is made without a request
            return Acceptance.objects.none()
        return company_of(self.request).acceptances.select_related("version", "executed")


class ExecutedPdf(APIView):
    """The executed agreement as PDF, by its reference."""

    permission_classes = (IsAuthenticated, HasScope)
    scope = Scope.DOCUMENTS

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, reference: str) -> HttpResponse:
        acceptance = (
            company_of(request)
            .acceptances.select_related("text", "text__version")
            .filter(reference=reference, executed__isnull=False)
            .first()
        )
        if acceptance is None:
            raise Http404
        return pdf_response(acceptance.executed.sha256, f"{acceptance.text.file_name}_{acceptance.reference}.pdf")


urlpatterns = [
    path("agreement/", Gate.as_view(), name="api_gate"),
    path("agreement/versions/", Versions.as_view(), name="api_versions"),
    path("agreement/versions/<str:number>/", Version.as_view(), name="api_version"),
    path("agreement/executed/", Executed.as_view(), name="api_executed"),
    path("agreement/executed/<str:reference>/agreement.pdf", ExecutedPdf.as_view(), name="api_executed_pdf"),
]
