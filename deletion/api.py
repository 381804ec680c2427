"""What connected services call: "your request has changed", signed. The call carries no truth; the engine asks the service itself."""

from __future__ import annotations

import base64
import json
import time

from cryptography.exceptions import InvalidSignature
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from deletion.connectors import ServiceConnector, stores
from deletion.services import wake

OLDEST_SECONDS = 300


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
    if not moment.isdigit() or abs(time.time() - int(moment)) > OLDEST_SECONDS or not 8 <= len(number) <= 64:
        return False
    signed = b".".join([moment.encode(), number.encode(), request.body])
    try:
        connector.key.verify(base64.b64decode(request.headers.get("X-OpenDSR-Signature", ""), validate=True), signed)
        json.loads(request.body)
    except (InvalidSignature, ValueError):
        return False
    return cache.add(f"opendsr:{connector.name}:{number}", 1, timeout=2 * OLDEST_SECONDS)


urlpatterns = [path("deletion/callbacks/<str:store>/", callback, name="deletion_callback")]
