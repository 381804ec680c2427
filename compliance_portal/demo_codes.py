"""The demo's page of second-factor codes, so that sample staff can be tried without a telephone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from compliance_portal import sample


@login_not_required
@never_cache
def demo_codes(request: HttpRequest) -> HttpResponse:
    """Show the present codes; outside the demo there is no such page."""
    if not settings.DEMO:
        raise Http404
    return TemplateResponse(request, "compliance_portal/demo_codes.html", {"codes": sample.second_factors()})
