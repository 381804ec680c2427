"""Subscribe to updates, confirm, change, end: without an account, by links that say nothing about the person."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from customers.throttling import is_too_often
from notifications import links, services
from notifications.forms import SubscribeForm, SubscriptionForm
from notifications.models import Topic, UpdateSubscription


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@csrf_exempt  # no session acts here: the form does what its own field says, and public pages set no cookie
@never_cache
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for the address; the answer is the same whether or not it is known."""
    form = SubscribeForm(request.POST or None)
    if request.method == "POST" and is_too_often(request, "updates"):
        return TemplateResponse(request, "429.html", status=429)
    if form.is_valid():
        language = get_language() or "de"
        services.subscribe(email=form.cleaned_data["email"], language=language, topics=Topic.values, at=timezone.now())
        return redirect("updates_asked")
    status = 422 if form.errors else 200
    return TemplateResponse(request, "notifications/subscribe.html", {"section": "updates", "form": form}, status=status)


@require_safe
@login_not_required
def asked(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "notifications/asked.html", {"section": "updates"})


@require_safe
@login_not_required
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm by the mail's link alone, which only the holder of the address has; looking without opening (HEAD) confirms nothing."""
    try:
        number = links.read_token(token, links.CONFIRM)
    except links.LinkExpired:
        return TemplateResponse(request, "notifications/link_over.html", {"section": "updates"}, status=410)
    except links.LinkUnknown:
        return TemplateResponse(request, "notifications/link_over.html", {"section": "updates"}, status=404)
    if request.method == "HEAD":
        return HttpResponse()
    subscription = services.confirm_subscription(number=number, at=timezone.now())
    if subscription is None:
        return TemplateResponse(request, "notifications/link_over.html", {"section": "updates"}, status=410)
    addresses = links.of_subscription(subscription.pk, get_language() or "de")
    return TemplateResponse(request, "notifications/confirmed.html", {"section": "updates", **addresses})


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@csrf_exempt  # the signed link is the authority, not a cookie
@never_cache
def subscription(request: HttpRequest, token: str) -> HttpResponse:
    """Choose topics and language, or end the subscription."""
    found = subscription_of(token)
    if found is None:
        return TemplateResponse(request, "notifications/ended.html", {"section": "updates"}, status=410)
    initial = {"topics": found.topics, "language": found.language}
    form = SubscriptionForm(request.POST) if request.method == "POST" else SubscriptionForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_subscription(subscription=found, **form.cleaned_data)
        return TemplateResponse(request, "notifications/subscription.html", page(token, form) | {"is_saved": True})
    return TemplateResponse(request, "notifications/subscription.html", page(token, form), status=422 if form.errors else 200)


def page(token: str, form: SubscriptionForm) -> dict[str, object]:
    return {"section": "updates", "form": form, "token": token}


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@csrf_exempt  # mail programs post here without a page and without cookies (RFC 8058, 3.1)
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End the subscription by one POST, which answers 200 however often it is sent; a GET only asks."""
    try:
        number = links.read_token(token, links.MANAGE)
    except links.LinkUnknown:
        return TemplateResponse(request, "notifications/link_over.html", {"section": "updates"}, status=404)
    if request.method == "POST":
        services.end_subscription(number=number)
        return TemplateResponse(request, "notifications/ended.html", {"section": "updates"})
    return TemplateResponse(request, "notifications/unsubscribe.html", {"section": "updates", "token": token})


def subscription_of(token: str) -> UpdateSubscription | None:
    """Return the subscription of the signed link, or None when it ended or the link is none of ours."""
    try:
        return UpdateSubscription.objects.confirmed().filter(pk=links.read_token(token, links.MANAGE)).first()
    except links.LinkUnknown:
        return None
