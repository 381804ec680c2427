"""Announcements as pages read them: what a customer is shown, what stands against a change, who objected."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from customers.models import Customer
from subprocessors.letters import answers
from subprocessors.models import AgreedTerms, AnnouncedChange, Announcement, Notice, Objection, TermsDeviation

CHANGES = Prefetch("announcement__changes", queryset=AnnouncedChange.objects.order_by("pk"))
TONES = {"planned": "", "notice": "info", "active": "ok", "retired": "", "withdrawn": ""}


def notices_of(customer: Customer) -> QuerySet[Notice]:
    """Return what the company was told, newest first, with the changes."""
    rows = Notice.objects.filter(customer=customer).select_related("announcement").prefetch_related(CHANGES)
    return rows.annotate(objected=Exists(Objection.objects.filter(notice=OuterRef("pk"), state__in=Objection.OPEN))).order_by(
        "-announcement__told_at"
    )


def waiting_for(customer: Customer, now: datetime.datetime) -> int:
    """Count the notices that this company can still answer and has not."""
    return Notice.objects.filter(customer=customer).undecided(now).count()


def badge(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``notices_waiting``, a number that is counted when a page asks; visitors open no session."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return {}
    return {"notices_waiting": SimpleLazyObject(lambda: count_for(request))}


def count_for(request: HttpRequest) -> int:
    customer = getattr(request.user, "customer", None)
    return waiting_for(customer, timezone.now()) if isinstance(customer, Customer) else 0


def status_of(notice: Notice, now: datetime.datetime) -> tuple[str, str]:
    """Return what the notice asks of its reader, in words, and the tone."""
    if notice.announcement.state == Announcement.State.WITHDRAWN:
        return _("withdrawn"), ""
    if getattr(notice, "objected", False):
        return _("you objected"), "warn"
    if notice.consented_at:
        return _("you consented"), "ok"
    if notice.is_information:
        return _("for information"), ""
    if notice.can_object(now):
        return _("you can object"), "info"
    if notice.authorisation == "specific":
        return _("your consent is missing"), "warn"
    return (_("in force"), "ok") if notice.announcement.state == Announcement.State.ACTIVE else (_("period over"), "")


def notice_page(notice: Notice, language: str, now: datetime.datetime) -> dict[str, Any]:
    """Return the seven answers, the dates and what can be done."""
    objections = list(notice.objections.all())
    has_open = any(objection.is_open for objection in objections)
    return {
        "notice": notice,
        "announcement": notice.announcement,
        "changes": [answers(change, language) for change in notice.announcement.changes.all()],
        "urgency": notice.announcement.urgency(language),
        "days_left": (notice.objection_ends_date - timezone.localdate(now)).days,
        "can_object": notice.can_object(now) and not has_open,
        "can_consent": not notice.is_information and not has_open and notice.consented_at is None and is_running(notice.announcement),
        "needs_consent": notice.authorisation == "specific" and not notice.is_information,
        "objections": objections,
        "starts_date": notice.starts_date(),
    }


def is_running(announcement: Announcement) -> bool:
    return announcement.state in (Announcement.State.NOTICE, Announcement.State.ACTIVE)


def public_announcements() -> QuerySet[Announcement]:
    """Return what the public was told, newest first."""
    return Announcement.objects.public().prefetch_related("changes").order_by("-told_at")


# --- the provider's side ------------------------------------------------------------------------------------------------


def announcements() -> QuerySet[Announcement]:
    """Return every announcement with the number of its customers and open objections, in a fixed number of queries."""
    return Announcement.objects.prefetch_related("changes").annotate(
        told=Count("notices", distinct=True),
        open_objections=Count("notices__objections", filter=Q(notices__objections__state__in=Objection.OPEN), distinct=True),
    )


def obstacles(announcement: Announcement, today: datetime.date) -> QuerySet[Notice]:
    """Return the notices that stand against the change, by company."""
    return announcement.notices.blocking(today).select_related("customer").order_by("customer__legal_name", "pk")


def reasons(notice: Any, today: datetime.date) -> list[str]:
    """Return in words why a notice stands against the change; asks for rows of ``obstacles``."""
    found = []
    if notice.has_open_objection:
        found.append(_("objection open"))
    if notice.may_start_date > today:
        found.append(_("period runs"))
    if notice.authorisation == "specific" and notice.consented_at is None:
        found.append(_("consent missing"))
    if not notice.was_delivered and notice.seen_at is None:
        found.append(_("not delivered"))
    return found


def open_objections() -> QuerySet[Objection]:
    rows = Objection.objects.filter(state__in=Objection.OPEN).select_related("notice__customer", "notice__announcement")
    return rows.order_by("solve_by_date", "pk")


def terms(search: str) -> QuerySet[AgreedTerms]:
    """Return what each open customer agreed on, with the deviation in force."""
    in_force = Prefetch("customer__terms_deviations", TermsDeviation.objects.filter(ended_at=None), to_attr="deviation_in_force")
    rows = AgreedTerms.objects.filter(customer__closed_at=None).select_related("customer").prefetch_related(in_force)
    if search:
        rows = rows.filter(customer__legal_name__icontains=search)
    return rows.order_by("customer__legal_name", "pk")
