"""The public pages of the sample texts: no login, no cookie, no script needed."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_cookie

from privacy_text import pages
from privacy_text.models import ChannelType, SampleText


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def texts(request: HttpRequest) -> HttpResponse:
    context = pages.texts_page(SampleText.objects.current(), get_language() or settings.LANGUAGE_CODE)
    return TemplateResponse(request, "privacy_text/texts.html", context)


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def channel_type(request: HttpRequest, key: str) -> HttpResponse:
    row = get_object_or_404(ChannelType, key=key)
    context = pages.channel_type_page(SampleText.objects.current(), row, get_language() or settings.LANGUAGE_CODE)
    return TemplateResponse(request, "privacy_text/channel_type.html", context)
