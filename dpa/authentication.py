"""The gate inside the API: tokens and sessions are stopped where REST framework authenticates, whatever a view declares."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from customers.authentication import TokenAuthentication
from dpa.exemptions import EXEMPT
from dpa.gate import Gated, is_open


class AgreementRequired(APIException):
    """Answered as 403 with the code ``dpa_required`` and the address to accept at."""

    status_code = 403
    default_code = "dpa_required"
    default_detail = "The data processing agreement has not been accepted."


class GatedTokenAuthentication(TokenAuthentication):
    """A bearer token, refused while its company has no agreement in force."""

    def authenticate(self, request: Request) -> Any:
        result = super().authenticate(request)
        if result is not None:
            demand_agreement(request, result[1])
        return result


class GatedSessionAuthentication(SessionAuthentication):
    """A browser's session, refused likewise."""

    def authenticate(self, request: Request) -> Any:
        result = super().authenticate(request)
        if result is not None:
            demand_agreement(request, result[0])
        return result


def demand_agreement(request: Request, row: Gated) -> None:
    match = request.resolver_match
    exempt = match is not None and match.view_name in EXEMPT
    if not exempt and not is_open(row, timezone.now()):
        raise AgreementRequired
