"""The API: each app's ``api.py``, put together under ``/api/v1/``, and one form of refusal (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.urls import path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from customers.secrets import digest
from deletion import api as deletion_api
from deletion.fencing import is_fenced_token
from deletion.middleware import GONE
from dpa import api as dpa_api
from dpa.middleware import problem
from privacy_text import api as privacy_text_api
from privacy_text import texts_api
from subscriptions import api as subscriptions_api


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema describes a token of a system (RFC 6750)."""

    target_class = "customers.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class GatedTokenScheme(TokenScheme):
    target_class = "dpa.authentication.GatedTokenAuthentication"
    name = "tokenUnderAgreement"


class DeletionTokenScheme(TokenScheme):
    target_class = "deletion.api.TokenOrItsFence"
    name = "tokenOfDeletion"


class SessionScheme(OpenApiAuthenticationExtension):
    """How the schema describes a person who is signed in."""

    target_class = "dpa.authentication.GatedSessionAuthentication"
    name = "session"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class TooLarge(APIException):
    """The body has more bytes than the portal reads (RFC 9110, 15.5.14)."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self) -> None:
        super().__init__(f"The body has more than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes; send it in parts.")


def token_hash(request: Request) -> str:
    """Return the hash of the token that the request came with, as it would be stored."""
    return digest(request.headers.get("Authorization", "").partition(" ")[2].strip())


def problem_response(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every refusal as problem details, with a code that programs can read."""
    if isinstance(exception, RequestDataTooBig):  # to Django that is a page
        exception = TooLarge()
    response = exception_handler(exception, context)
    if response is None:
        return None
    if response.status_code == HTTPStatus.UNAUTHORIZED and is_fenced_token(token_hash(context["request"])):
        return Response(GONE, status=HTTPStatus.GONE, content_type="application/problem+json")
    code = (
        exception.get_codes() if isinstance(exception, APIException) else HTTPStatus(response.status_code).phrase.lower().replace(" ", "_")
    )
    if code == "dpa_required":
        response.data = problem()
    else:
        detail = response.data.get("detail") if isinstance(response.data, dict) else None
        response.data = {
            "type": "about:blank",
            "title": str(detail or HTTPStatus(response.status_code).phrase),
            "status": response.status_code,
            "code": code if isinstance(code, str) else "invalid",
            **({} if detail else {"errors": response.data}),
        }
    response.content_type = "application/problem+json"
    return response


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]), name="api_schema"),
    *dpa_api.urlpatterns,
    *deletion_api.urlpatterns,
    *subscriptions_api.urlpatterns,
    *privacy_text_api.urlpatterns,
    *texts_api.urlpatterns,
]
