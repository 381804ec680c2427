"""The vendor's view: which version every channel uses."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from customers.access import StaffRequest, staff_page
from customers.models import ChannelType
from privacy_text import channel_pages, usage
from privacy_text.channel_forms import ChannelFilter
from privacy_text.models import SampleText

ROWS_A_PAGE = 50


@staff_page("privacy_text.view_channeltext")
@require_safe
def channels(request: StaffRequest) -> HttpResponse:
    """List the texts of all channels in use with their versions; search and filters stand in the address."""
    types = list(ChannelType.objects.all())
    states = [(state, str(channel_pages.STATES[state][0])) for state in usage.CONDITIONS]
    versions = list(SampleText.objects.readable())
    form = ChannelFilter(request.GET, types=types, versions=versions, states=states, language=request.LANGUAGE_CODE)
    filters = form.cleaned_data if form.is_valid() else {}
    page = Paginator(usage.used_texts(filters), ROWS_A_PAGE).get_page(request.GET.get("page"))
    labels = {row.key: row.label(request.LANGUAGE_CODE) for row in types}
    context = {
        "section": "manage",
        "form": form,
        "page": page,
        "rows": [
            {
                "text": text,
                "type": labels.get(text.channel.channel_type, text.channel.channel_type),
                "tag": channel_pages.tag(channel_pages.state_of(text, has_update=text.has_update)),  # type: ignore[attr-defined]  # annotated
            }
            for text in page
        ],
        "by_version": usage.counts_by_version(),
        "by_state": usage.counts_by_state(),
        "current": SampleText.objects.current(),
    }
    return TemplateResponse(request, "privacy_text/manage_channels.html", context)
