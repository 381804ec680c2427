"""What the head and the foot of every page ask about the page itself."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import RequestContext
from django.urls import translate_url
from django.utils.translation import get_language_from_path

register = template.Library()
THEMES = ("light", "dark")
THEME_COOKIE = "theme"
SECTIONS = {
    "dpa": "agreement",
    "agreement": "agreement",
    "toms": "measures",
    "subprocessors": "subprocessors",
    "updates": "updates",
    "account": "account",
    "channel": "channels",
    "channels": "channels",
    "manage": "manage",
    "desk": "manage",
}


@register.simple_tag(takes_context=True)
def page_in(context: RequestContext | dict[str, Any], language: str, *, with_query: bool = False) -> str:
    """Return the path of this page in the other language; of the trust home for an address outside the language trees."""
    request: HttpRequest | None = context.get("request")
    if request is None or get_language_from_path(request.path_info) is None:
        return f"/{language}/"
    path = translate_url(request.path_info, language)
    if path == request.path_info:  # an address that no view answers: the same, below the other language
        path = "/".join(["", language, *request.path_info.split("/")[2:]])
    query = request.META.get("QUERY_STRING", "") if with_query else ""
    return f"{path}?{query}" if query else path


@register.simple_tag(takes_context=True)
def person_signed_in(context: RequestContext | dict[str, Any]) -> Any:
    """Return who is signed in, or None; without a session cookie nobody looks, so that public pages stay free of a session."""
    request: HttpRequest | None = context.get("request")
    if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


@register.simple_tag(takes_context=True)
def chosen_theme(context: RequestContext | dict[str, Any]) -> str:
    """Return the theme that the visitor chose on the appearance page, or nothing for the system's own."""
    request: HttpRequest | None = context.get("request")
    chosen = request.COOKIES.get(THEME_COOKIE, "") if request else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag(takes_context=True)
def section_of_page(context: RequestContext | dict[str, Any]) -> str:
    """Return the entry of the navigation that this page belongs to, by the first word of its view's name."""
    match = getattr(context.get("request"), "resolver_match", None)
    return SECTIONS.get((match.view_name or "").split("_")[0], "") if match else ""
