"""Deletion by systems, in the shape of OpenDSR 2.0: a company's own, which asks for it, and connected services, which call back.

A call of a service carries no truth; the engine asks the service itself. What the portal answers is signed (Ed25519).
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import re
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customers.models import ApiToken, Scope
from customers.secrets import digest
from deletion import calling, services, signing
from deletion.connectors import ServiceConnector, stores
from deletion.models import ErasureCertificate, ErasureFence, MachineRequest
from deletion.serializers import IDENTITY, DiscoverySerializer, ReceiptSerializer, RequestSerializer, StatusSerializer
from deletion.services import wake
from dpa.authentication import GatedTokenAuthentication

OLDEST_SECONDS = 300
SECONDS = re.compile("[0-9]{1,12}")  # of what else counts as a digit, or is longer, int() makes no number


@csrf_exempt  # a machine without a cookie; the signature says who calls
@login_not_required
@require_POST
def callback(request: HttpRequest, store: str) -> HttpResponse:
    """Let the step of the store go on at once (202), when the service signed time, number of the call and body."""
    connector = stores().get(store)
    if not isinstance(connector, ServiceConnector):
        raise Http404
    if not is_genuine(connector, request):
        return HttpResponse(status=401)
    wake(store=store)
    return HttpResponse(status=202)


def is_genuine(connector: ServiceConnector, request: HttpRequest) -> bool:
    """Say whether the service made this call, just now, and for the first time."""
    moment, number = request.headers.get("X-OpenDSR-Timestamp", ""), request.headers.get("X-OpenDSR-Delivery", "")
    if not SECONDS.fullmatch(moment) or abs(time.time() - int(moment)) > OLDEST_SECONDS or not 8 <= len(number) <= 64:
        return False
    signed = b".".join([moment.encode(), number.encode(), request.body])
    try:
        connector.key.verify(base64.b64decode(request.headers.get("X-OpenDSR-Signature", ""), validate=True), signed)
        json.loads(request.body)
    except (InvalidSignature, ValueError):
        return False
    return cache.add(f"opendsr:{connector.name}:{number}", 1, timeout=2 * OLDEST_SECONDS)


# --- a company's own system asks for the deletion of the account ------------------------------------------------------


class RequestDiffers(APIException):
    """Answered as 409: the number was used before, for other words."""

    status_code = 409
    default_code = "request_differs"
    default_detail = "This subject_request_id was used before with another body."


class ExportNotTaken(APIException):
    """Answered as 409: the data are said to be taken along, and nobody downloaded them."""

    status_code = 409
    default_code = "export_not_taken"
    default_detail = "No export of the account was downloaded; download one, or waive the return of the data."


class TooLate(APIException):
    """Answered as 409: the erasure has begun."""

    status_code = 409
    default_code = "too_late"
    default_detail = "The deletion has begun and can no longer be withdrawn."


class TokenOrItsFence(GatedTokenAuthentication):
    """A token; after the erasure has begun, which revokes it, one with the scope still reads how its own company's request goes."""

    def authenticate(self, request: Request) -> Any:
        try:
            return super().authenticate(request)
        except AuthenticationFailed:
            secret = request.headers.get("Authorization", "").partition(" ")[2].strip()
            fence = ErasureFence.objects.filter(reader_hashes__contains=[digest(secret)]).first()
            if fence is None or request.method not in ("GET", "HEAD"):
                raise
            return AnonymousUser(), fence


class MayDelete(BasePermission):
    """Only a token that was given this scope; a browser's session goes through the pages, which ask for the password."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, ErasureFence) or (isinstance(request.auth, ApiToken) and request.auth.may(Scope.DELETION))


class ForTokens(APIView):
    authentication_classes = (TokenOrItsFence,)
    permission_classes = (MayDelete,)


def signed(content: bytes, status: int = 200) -> HttpResponse:
    """Answer with JSON and the signature over exactly these bytes."""
    headers = {"X-OpenDSR-Processor-Domain": urlsplit(settings.PORTAL_ORIGIN).hostname or "", "X-OpenDSR-Signature": signing.sign(content)}
    return HttpResponse(content, status=status, content_type="application/json", headers={**headers, "Cache-Control": "no-store"})


def encoded(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True).encode()


def token_of(request: Request) -> ApiToken:
    """Return the token that the permission let pass; a fence is let pass for reading alone."""
    assert isinstance(request.auth, ApiToken)
    return request.auth


def found(request: Request, number: uuid.UUID) -> MachineRequest:
    """Return the request of this number if it is the token's company's; 404 for everybody else's."""
    if isinstance(request.auth, ErasureFence):
        own = MachineRequest.objects.filter(request=request.auth.request)
    else:
        own = MachineRequest.objects.filter(request__customer_reference=token_of(request).customer.reference)
    return get_object_or_404(own.select_related("request"), subject_request_id=number)


class Requests(ForTokens):
    """Ask for the deletion of the token's own account; its grace period and the owners' mails are those of the pages."""

    @extend_schema(request=RequestSerializer, responses={201: ReceiptSerializer})
    def post(self, request: Request) -> HttpResponse:
        body = bytes(request.body)
        asked = RequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        token, values = token_of(request), asked.validated_data
        customer = token.customer
        if values["subject_identities"][0]["identity_value"] != customer.reference:
            raise PermissionDenied
        try:
            made = services.request_by_system(
                customer=customer,
                by=token.created_by,
                number=values["subject_request_id"],
                body_sha256=hashlib.sha256(body).hexdigest(),
                callback_urls=values["status_callback_urls"],
                data_return=values["data_return"],
                at=timezone.now(),
            )
        except services.NotAnOwner as error:
            raise PermissionDenied from error
        except services.OtherWords as error:
            raise RequestDiffers from error
        except services.ExportNotTaken as error:
            raise ExportNotTaken from error
        receipt = {
            "controller_id": str(customer.reference),
            "subject_request_id": str(made.subject_request_id),
            "received_time": made.received_at.astimezone(datetime.UTC).isoformat(),
            "expected_completion_time": calling.end_of(made.request.due_date),
            "encoded_request": base64.b64encode(body).decode(),
        }
        return signed(encoded(receipt), status=201)


class OneRequest(ForTokens):
    """See how a request goes, or take it back before its erasure begins."""

    @extend_schema(responses=StatusSerializer)
    def get(self, request: Request, number: uuid.UUID) -> HttpResponse:
        return signed(encoded(status_facts(found(request, number))))

    @extend_schema(responses={200: StatusSerializer})
    def delete(self, request: Request, number: uuid.UUID) -> HttpResponse:
        asked = found(request, number)
        try:
            services.withdraw_erasure(request=asked.request, by=token_of(request).created_by, at=timezone.now())
        except services.NotAnOwner as error:
            raise PermissionDenied from error
        except services.TooLateToWithdraw as error:
            raise TooLate from error
        asked.request.refresh_from_db()
        return signed(encoded(status_facts(asked)))


def status_facts(asked: MachineRequest) -> dict[str, Any]:
    request = asked.request
    issued = request.certificates.filter(kind=ErasureCertificate.Kind.CERTIFICATE).first()
    can_be_withdrawn = request.can_be_withdrawn(timezone.now())
    return {
        "controller_id": str(request.customer_reference),
        "subject_request_id": str(asked.subject_request_id),
        "reference": request.reference,
        "request_status": calling.status_of(request),
        "state": request.state,
        "results_count": calling.results_of(request),
        "withdrawable_until": request.not_before.astimezone(datetime.UTC).isoformat() if can_be_withdrawn else None,
        "expected_completion_time": calling.end_of(request.due_date),
        "certificate": issued.reference if issued else None,
    }


class Certificate(ForTokens):
    """The certificate in its canonical form, byte for byte; 404 until it is issued."""

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, number: uuid.UUID) -> HttpResponse:
        issued = found(request, number).request.certificates.filter(kind=ErasureCertificate.Kind.CERTIFICATE).first()
        if issued is None:
            raise Http404
        return signed(bytes(issued.canonical))


class Discovery(APIView):
    """What can be asked for here, and the keys that verify the portal's signatures; public."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=DiscoverySerializer)
    def get(self, _request: Request) -> Response:
        return Response(
            {
                "api_version": "2.0",
                "supported_identities": [{"identity_type": IDENTITY, "identity_format": "raw"}],
                "supported_subject_request_types": ["erasure"],
                "signing_keys": signing.public_keys(),
            }
        )


urlpatterns = [
    path("deletion/callbacks/<str:store>/", callback, name="deletion_callback"),
    path("deletion/discovery/", Discovery.as_view(), name="api_deletion_discovery"),
    path("deletion/requests/", Requests.as_view(), name="api_deletion_requests"),
    path("deletion/requests/<uuid:number>/", OneRequest.as_view(), name="api_deletion_request"),
    path("deletion/requests/<uuid:number>/certificate/", Certificate.as_view(), name="api_deletion_certificate"),
]
