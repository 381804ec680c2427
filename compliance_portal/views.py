"""The trust home, the pages about the portal itself, what machines ask for, and the pages for things gone wrong."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_GET, require_http_methods, require_safe
from django.views.decorators.vary import vary_on_cookie

from compliance_portal import desk, health, mailbox, overview, pack, updates
from compliance_portal.forms import AppearanceForm
from compliance_portal.templatetags.pages import THEME_COOKIE, chosen_theme
from customers.access import StaffRequest, staff_page
from customers.countries import country_name
from customers.models import Provider
from publishing.files import public_page
from subprocessors.models import Announcement

YEAR = 365 * 24 * 60 * 60
PUBLIC_PAGES: tuple[str, ...] = ("home", "dpa", "dpa_versions", "toms", "subprocessors", "documents", "updates")
PUBLIC_PAGES += ("cancel", "help", "imprint", "privacy", "accessibility")


@require_safe
@login_not_required
def root(request: HttpRequest) -> HttpResponse:
    """Lead to the tree of the language that the browser asks for; the locale middleware adds ``Vary: Accept-Language``."""
    return HttpResponseRedirect(f"/{language()}/")


def language() -> str:
    """Return the language of the page; long texts have one template in each."""
    return get_language() or str(settings.LANGUAGE_CODE)


# --- pages about the provider and the portal -------------------------------------------------------------------------


@public_page
def home(request: HttpRequest) -> HttpResponse:
    """The trust home: what is published, what is planned, where data is stored, what happened last."""
    provider, chosen = Provider.objects.first(), pack.contents()
    context = {
        "documents": overview.documents(chosen, language()),
        "pack_size": pack.size(chosen),
        "planned": Announcement.objects.running().prefetch_related("changes"),
        "events": updates.found("", language())[: overview.LATEST],
        "storage_country": country_name(provider.storage_country) if provider else "",
    }
    return TemplateResponse(request, "compliance_portal/home.html", context)


@public_page
def help_page(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, f"pages/help.{language()}.html")


@public_page
def imprint(request: HttpRequest) -> HttpResponse:
    provider = Provider.objects.first()
    function = provider.signatory_function(language()) if provider else ""
    return TemplateResponse(request, "pages/imprint.html", {"signatory_function": function})


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """Tell what this portal itself stores (Art. 13 GDPR), taken from the settings that decide it."""
    provider = Provider.objects.first()
    context = {
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "theme_cookie": THEME_COOKIE,
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        "addresses": settings.EVIDENCE_ADDRESSES,
        "storage_country": country_name(provider.storage_country) if provider else "",
    }
    return TemplateResponse(request, f"pages/privacy.{language()}.html", context)


@public_page
def accessibility(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, f"pages/accessibility.{language()}.html")


# A token against forgery would set a cookie on every visit; a forged request could change the colours and nothing else.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_cookie
@login_not_required
def appearance(request: HttpRequest) -> HttpResponse:
    """Show and keep the choice between the system's theme, light and dark."""
    form = AppearanceForm(request.POST or None, initial={"theme": chosen_theme({"request": request})})
    if request.method != "POST" or not form.is_valid():
        return TemplateResponse(request, "pages/appearance.html", {"form": form}, status=422 if form.is_bound else 200)
    response = HttpResponseRedirect(reverse("appearance"), status=303)
    if theme := form.cleaned_data["theme"]:
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, secure=settings.SECURE, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


# --- the provider's staff --------------------------------------------------------------------------------------------


@staff_page()
@require_safe
def manage(request: StaffRequest) -> HttpResponse:
    """Show what is drafted and what waits, each person what their group may see; who has no part in it is led on to the requests."""
    has_part = desk.sees_something(request.user)
    if not has_part and request.user.has_perm("deletion.view_casefile"):
        return HttpResponseRedirect(reverse("desk"))
    context = {"has_part": has_part, "drafts": desk.drafts(request.user), "tasks": desk.tasks(request.user, timezone.now())}
    return TemplateResponse(request, "compliance_portal/manage.html", context)


# --- for machines ----------------------------------------------------------------------------------------------------


@never_cache
@require_safe
@login_not_required
def livez(request: HttpRequest) -> HttpResponse:
    """Say that the process answers; it asks nobody else, so that a broken database does not restart it."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether requests should be sent here: 200, or 503 with the names of the checks that failed."""
    failed = health.failed_checks(timezone.now())
    checks = {name: "failed" if is_failed else "ok" for name, is_failed in failed.items()}
    return JsonResponse({"ready": not any(failed.values()), "checks": checks}, status=503 if any(failed.values()) else 200)


def theme_version(request: HttpRequest) -> str:
    provider = Provider.objects.first()
    return f'"{provider.accent_colour[1:]}"' if provider else '"none"'


@require_safe
@login_not_required
@cache_control(public=True, max_age=300)
@condition(etag_func=theme_version)
def theme_css(request: HttpRequest) -> HttpResponse:
    """Print the provider's accent colour and its shades: a stylesheet of our own instead of a style attribute."""
    sheet = render_to_string("compliance_portal/theme.css", {"provider": Provider.objects.first()})
    return HttpResponse(sheet, content_type="text/css")


@require_safe
@login_not_required
def robots_txt(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "compliance_portal/robots.txt", content_type="text/plain")


@require_safe
@login_not_required
def sitemap(request: HttpRequest) -> HttpResponse:
    """List the public pages in each language with their counterparts."""
    pages = [page for name in PUBLIC_PAGES if (page := addresses(name))]
    return TemplateResponse(request, "compliance_portal/sitemap.xml", {"pages": pages}, content_type="application/xml")


def addresses(name: str) -> dict[str, str]:
    """Return the page's address in each language; none when no app answers to the name."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            try:
                found[code] = settings.PORTAL_ORIGIN + reverse(name)
            except NoReverseMatch:
                return {}
    return found


@require_safe
@login_not_required
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say whom to tell about a weakness (RFC 9116)."""
    provider = Provider.objects.first()
    if provider is None:
        raise Http404
    context = {"provider": provider, "expires": expiry_of_security_txt(timezone.now())}
    return TemplateResponse(request, "compliance_portal/security.txt", context, content_type="text/plain; charset=utf-8")


def expiry_of_security_txt(now: datetime) -> datetime:
    """Return the first day of the sixth month from now: less than a year ahead, as RFC 9116 asks, and the same all month."""
    months = now.astimezone(UTC).month - 1 + 6
    return datetime(now.year + months // 12, months % 12 + 1, 1, tzinfo=UTC)


# --- the demo's mailbox ----------------------------------------------------------------------------------------------


@require_GET
@login_not_required
def demo_mail(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    return TemplateResponse(request, "compliance_portal/demo_mail.html", {"mails": mailbox.newest_first()})


@require_GET
@login_not_required
def demo_mail_message(request: HttpRequest, name: str) -> HttpResponse:
    return TemplateResponse(request, "compliance_portal/demo_mail_message.html", {"mail": demo_mail_or_404(name)})


@require_GET
@login_not_required
def demo_mail_file(request: HttpRequest, name: str, position: int) -> HttpResponse:
    attachments = demo_mail_or_404(name).attachments
    if position >= len(attachments):
        raise Http404
    attachment = attachments[position]
    disposition = {"Content-Disposition": f'attachment; filename="{attachment.filename}"'}
    return HttpResponse(attachment.content, content_type=attachment.content_type, headers=disposition)


def demo_mail_or_404(name: str) -> mailbox.Mail:
    mail = mailbox.find(name) if settings.DEMO else None
    if mail is None:
        raise Http404
    return mail


# --- things gone wrong -----------------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer without the request's own facts: one of them, the host perhaps, is what is wrong."""
    return HttpResponse(render_to_string("400.html", {"language": language()}), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_machines(request):
        return problem(403, gettext("You need another role for this."))
    return TemplateResponse(request, "403.html", {"reason": str(exception)}, status=403).render()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_machines(request):
        return problem(404, gettext("There is nothing at this address."))
    return TemplateResponse(request, "404.html", status=404).render()


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without a query: the database may be what failed."""
    identifier = getattr(request, "request_id", "")
    if is_for_machines(request):
        return problem(500, gettext("There is a problem with the service."))
    return HttpResponse(render_to_string("500.html", {"language": language(), "identifier": identifier}), status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain a form that arrived without its token: mostly a login or logout in another tab in between."""
    return TemplateResponse(request, "pages/form_expired.html", status=403).render()


def is_for_machines(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def problem(status: int, title: str) -> HttpResponse:
    """Return problem details (RFC 9457)."""
    return JsonResponse({"type": "about:blank", "title": title, "status": status}, status=status, content_type="application/problem+json")
