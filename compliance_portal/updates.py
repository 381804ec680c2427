"""What changed and what will: one page, one Atom feed, one JSON feed, the same for everybody and without a cookie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import quote_etag
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_cookie

from customers.models import Provider
from dpa.models import AgreementVersion
from notifications.forms import SubscribeForm
from notifications.links import absolute
from notifications.models import Topic
from publishing.models import PublishedVersion
from subprocessors import noticing
from subprocessors.letters import answers
from subprocessors.models import Announcement, SubprocessorList
from toms.models import MeasureSet

MOST = 100
VIEWS = {Topic.AGREEMENT: "dpa_version", Topic.MEASURES: "toms_version", Topic.SUBPROCESSORS: "subprocessors_version"}
MODELS: dict[Topic, type[PublishedVersion]] = {
    Topic.AGREEMENT: AgreementVersion,
    Topic.MEASURES: MeasureSet,
    Topic.SUBPROCESSORS: SubprocessorList,
}


@dataclass(frozen=True)
class Update:
    """One line: a published version, or an announced change that has not begun."""

    number: str
    topic: Topic
    at: datetime
    title: str
    text: str
    url: str
    starts: date | None = None
    tag: str = ""
    tone: str = ""

    @property
    def topic_label(self) -> str:
        return str(self.topic.label)

    @property
    def identifier(self) -> str:
        """A tag URI (RFC 4151) that stays the same for ever, in both languages."""
        return f"tag:{urlsplit(settings.PORTAL_ORIGIN).hostname},2026:{self.number}"


def reading_language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def found(topic: str, language: str) -> list[Update]:
    """Return what was published and announced, newest first."""
    chosen = [each for each in Topic if topic in ("", each.value)]
    rows = [update for each in chosen for update in published(each, language)]
    if Topic.SUBPROCESSORS in chosen:
        rows += announced()
    return sorted(rows, key=lambda update: update.at, reverse=True)[:MOST]


def published(topic: Topic, language: str) -> Iterator[Update]:
    for version in MODELS[topic]._default_manager.readable()[:MOST]:  # noqa: SLF001  # Django documents it for code that knows no model
        assert version.published_at is not None
        title = gettext("%(title)s, version %(number)s") % {"title": topic.label, "number": version.number}
        url = reverse(VIEWS[topic], args=[version.number])
        yield Update(f"{topic.value}-{version.number}", topic, version.published_at, title, version.change_note(language), url)


def announced() -> Iterator[Update]:
    for announcement in noticing.public_announcements()[:MOST]:
        assert announcement.told_at is not None
        names = ", ".join(change.legal_name for change in announcement.changes.all())
        kinds = ", ".join(sorted({str(change.get_kind_display()) for change in announcement.changes.all()}))
        yield Update(
            f"announcement-{announcement.reference}",
            Topic.SUBPROCESSORS,
            announcement.told_at,
            gettext("Announced: %(names)s") % {"names": names},
            kinds,
            reverse("updates_announcement", args=[announcement.reference]),
            starts=announcement.starts_date if announcement.state == Announcement.State.NOTICE else None,
            tag=str(announcement.get_state_display()),
            tone=noticing.TONES[announcement.state],
        )


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def updates(request: HttpRequest) -> HttpResponse:
    """What was published and what is announced; a filter in the address, a subscription by one field."""
    topic = request.GET.get("topic", "")
    topic = topic if topic in Topic.values else ""
    rows = found(topic, reading_language())
    context = {
        "section": "updates",
        "updates": rows,
        "coming": [update for update in rows if update.starts],
        "topic": topic,
        "topics": Topic.choices,
        "form": SubscribeForm(),
    }
    return TemplateResponse(request, "compliance_portal/updates.html", context)


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def announcement(request: HttpRequest, reference: str) -> HttpResponse:
    """One announced change with everything that readers ask for; a customer's own dates stand in its account."""
    row = get_object_or_404(noticing.public_announcements(), reference=reference)
    context = {
        "section": "updates",
        "announcement": row,
        "tone": noticing.TONES[row.state],
        "changes": [answers(change, reading_language()) for change in row.changes.all()],
        "urgency": row.urgency(reading_language()),
    }
    return TemplateResponse(request, "compliance_portal/announcement.html", context)


# --- feeds --------------------------------------------------------------------------------------------------------------


def feed_title() -> str:
    provider = Provider.objects.first()
    return gettext("Data protection updates of %(company)s") % {"company": provider.legal_name if provider else "Compliance Portal"}


def with_etag(request: HttpRequest, content: bytes, content_type: str) -> HttpResponse:
    """Answer with the feed, or 304 where the reader has it (RFC 9110, 13.1)."""
    etag = quote_etag(hashlib.sha256(content).hexdigest())
    answer = get_conditional_response(request, etag=etag)
    if not isinstance(answer, HttpResponse):
        answer = HttpResponse(content, content_type=content_type)
    answer.headers["ETag"], answer.headers["Cache-Control"] = etag, "public, no-cache"
    return answer


@require_safe
@login_not_required
def atom_feed(request: HttpRequest) -> HttpResponse:
    """The same list as Atom (RFC 4287); its addresses come from the portal's origin, not from the request."""
    language = reading_language()
    feed = Atom1Feed(
        title=feed_title(),
        link=absolute(reverse("updates")),
        description="",
        language=language,
        feed_url=absolute(reverse("updates_atom")),
        feed_guid=f"tag:{urlsplit(settings.PORTAL_ORIGIN).hostname},2026:updates-{language}",
    )
    for update in found("", language):
        feed.add_item(
            title=update.title,
            link=absolute(update.url),
            description=update.text,
            unique_id=update.identifier,
            pubdate=update.at,
            updateddate=update.at,
            categories=[update.topic.value],
        )
    return with_etag(request, feed.writeString("utf-8").encode(), "application/atom+xml; charset=utf-8")


@require_safe
@login_not_required
def json_feed(request: HttpRequest) -> HttpResponse:
    """The same list as JSON Feed 1.1."""
    language = reading_language()
    items = [
        {
            "id": update.identifier,
            "url": absolute(update.url),
            "title": update.title,
            "content_text": update.text,
            "date_published": update.at.isoformat(),
            "tags": [update.topic.value],
        }
        for update in found("", language)
    ]
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed_title(),
        "home_page_url": absolute(reverse("updates")),
        "feed_url": absolute(reverse("updates_json")),
        "language": language,
        "items": items,
    }
    return with_etag(request, JsonResponse(content).content, "application/feed+json; charset=utf-8")
