"""Opt-ins in bulk, look-up and cancellation for a customer's systems; identifiers travel in bodies, since addresses are logged."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from customers.api import HasScope, company_of
from customers.models import ApiToken, Scope, User
from subscriptions import identifiers, services
from subscriptions.models import Subscription
from subscriptions.serializers import (
    ActivitiesSerializer,
    CancellationsSerializer,
    LookUpSerializer,
    OptInsSerializer,
    ResultsSerializer,
    SubscriptionSerializer,
    items_of,
)

RESULTS = {
    200: ResultsSerializer,
    413: OpenApiResponse(description="The body has more than 2 MiB; nothing was done. Send it in parts."),
}


class StatisticsOff(APIException):
    """The customer's switch does not allow activity to be recorded."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "statistics_off"
    default_detail = "The switch for statistics is off; nothing was recorded."


class LedgerAway(APIException):
    """What the ledger of erasures does not know, a restored backup would bring back: nothing is cancelled without it."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "ledger_away"
    default_detail = "Nothing was cancelled, since the ledger of erasures does not answer. Send the same again in a minute."


class BulkThrottle(UserRateThrottle):
    """Bound how many batches one token sends: 120 a minute, 120,000 items."""

    scope = "subscriptions"
    rate = "120/min"

    def get_ident_of(self, request: Request) -> str:
        return f"token:{request.auth.pk}" if isinstance(request.auth, ApiToken) else f"person:{request.user.pk}"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident_of(request)})


class BulkView(APIView):
    """The common frame: a token of the company with the view's scope."""

    permission_classes = (IsAuthenticated, HasScope)
    throttle_classes = (BulkThrottle,)
    scope = Scope.SUBSCRIPTIONS_WRITE

    def checked(self, request: Request, serializer: Any) -> dict[str, Any]:
        form = serializer(data=request.data)
        form.is_valid(raise_exception=True)
        given: dict[str, Any] = form.validated_data
        return given


def acting(request: Request) -> User:
    """Return who created the token, or the person who is signed in."""
    assert isinstance(request.user, User)  # the permissions refuse everybody else
    return request.user


class Subscriptions(BulkView):
    """Record up to a thousand opt-ins, in at most 2 MiB; sending the same again changes nothing."""

    @extend_schema(request=OptInsSerializer, responses=RESULTS)
    def post(self, request: Request) -> Response:
        given = self.checked(request, OptInsSerializer)
        results = services.record_batch(customer=company_of(request), items=items_of(given), by=acting(request), at=timezone.now())
        return Response(ResultsSerializer({"results": results}).data)


class Cancellations(BulkView):
    """Cancel up to a thousand subscriptions, in at most 2 MiB; their identifiers are erased and suppressed for 90 days."""

    @extend_schema(request=CancellationsSerializer, responses={**RESULTS, 503: OpenApiResponse(description=LedgerAway.default_detail)})
    def post(self, request: Request) -> Response:
        given, now = self.checked(request, CancellationsSerializer), timezone.now()
        items = items_of(given, at=now)
        token = request.auth.pk if isinstance(request.auth, ApiToken) else None
        company = company_of(request)
        try:
            results = services.cancel_batch(customer=company, items=items, why=given["why"], by=acting(request), at=now, token=token)
        except services.NotEntered:
            raise LedgerAway from None
        return Response(ResultsSerializer({"results": results}).data)


class LookUp(BulkView):
    """The company's own subscriptions of one whole identifier, with their proof."""

    scope = Scope.SUBSCRIPTIONS

    @extend_schema(request=LookUpSerializer, responses=SubscriptionSerializer(many=True))
    def post(self, request: Request) -> Response:
        given = self.checked(request, LookUpSerializer)
        own = Subscription.objects.filter(customer=company_of(request))
        found = own.of_identifier(identifiers.digests(given["identifier"])).select_related("channel_type", "channel", "opt_in_text_version")
        return Response(SubscriptionSerializer(found, many=True).data)


class Activities(BulkView):
    """Record what was shown or clicked, where the company's switch allows it (409 where it does not)."""

    @extend_schema(request=ActivitiesSerializer, responses={**RESULTS, 409: OpenApiResponse(description=StatisticsOff.default_detail)})
    def post(self, request: Request) -> Response:
        given = self.checked(request, ActivitiesSerializer)
        items = [(row["subscription"], row["kind"], row["message"], row["at"]) for row in given["items"]]
        try:
            results = services.record_activity(customer=company_of(request), items=items)
        except services.StatisticsAreOff:
            raise StatisticsOff from None
        return Response(ResultsSerializer({"results": results}).data)


urlpatterns = [
    path("subscriptions/", Subscriptions.as_view(), name="api_subscriptions"),
    path("subscriptions/cancel/", Cancellations.as_view(), name="api_subscriptions_cancel"),
    path("subscriptions/look-up/", LookUp.as_view(), name="api_subscriptions_look_up"),
    path("subscriptions/activity/", Activities.as_view(), name="api_subscriptions_activity"),
]
