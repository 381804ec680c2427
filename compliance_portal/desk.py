"""What waits for the provider's staff today, each line for those who may act on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from customers.models import User
from dpa import standing
from dpa.models import AgreementVersion
from jobs.models import Job
from jobs.models import State as JobState
from notifications.models import Delivery
from privacy_text.models import SampleText
from publishing.models import PublishedVersion, State
from subprocessors import noticing
from subprocessors.models import Announcement, SubprocessorList
from toms import reviewing
from toms.models import MeasureSet

RECENT = timedelta(days=30)
REGISTERS = (
    (AgreementVersion.objects, "dpa.view_agreementversion", _("Data processing agreement"), ("manage_dpa_version",)),
    (
        MeasureSet.objects,
        "toms.view_measureset",
        _("Technical and organisational measures"),
        ("manage_toms_version", "admin:toms_measureset_change"),
    ),
    (
        SubprocessorList.objects,
        "subprocessors.view_subprocessorlist",
        _("Subprocessors"),
        ("manage_subprocessors_version", "admin:subprocessors_subprocessorlist_change"),
    ),
    (SampleText.objects, "privacy_text.view_sampletext", _("Sample texts"), ("manage_templates_version",)),
)


@dataclass(frozen=True)
class Draft:
    """A version on its way to publication."""

    title: str
    version: PublishedVersion
    address: str

    @property
    def is_approved(self) -> bool:
        return self.version.state == State.APPROVED


@dataclass(frozen=True)
class Task:
    """Something to look after, with its count; a count of nothing is good news and is shown as such."""

    title: str
    hint: str
    count: int
    address: str
    is_trouble: bool = False


def address(*names: str, arguments: Iterable[object] = ()) -> str:
    """Return the first of the named pages that exists: a desk page, else the administration's."""
    for name in names:
        try:
            return reverse(name, args=list(arguments))
        except NoReverseMatch:
            continue
    return ""


def drafts(user: User) -> list[Draft]:
    """Return what is drafted or approved in the registers that this person may see, newest first."""
    found = [
        Draft(str(title), version, address(*pages, arguments=[version.pk]))
        for versions, permission, title, pages in REGISTERS
        if user.has_perm(permission)
        for version in versions.in_preparation().select_related("created_by", "approved_by")
    ]
    return sorted(found, key=lambda draft: draft.version.created_at, reverse=True)


def tasks(user: User, now: datetime) -> list[Task]:
    """Return the lines of the desk that concern this person."""
    return [line(now) for permission, line in lines() if user.has_perm(permission)]


def lines() -> tuple[tuple[str, Callable[[datetime], Task]], ...]:
    return (
        ("dpa.view_acceptance", acceptances),
        ("toms.view_measureset", reviews),
        ("subprocessors.view_announcement", objections),
        ("notifications.view_delivery", mails),
        ("jobs.view_job", jobs),
    )


def sees_something(user: User) -> bool:
    """Say whether the overview has anything to show to this person, now or later."""
    return any(user.has_perm(permission) for permission in (*(row[1] for row in REGISTERS), *(row[0] for row in lines())))


def acceptances(now: datetime) -> Task:
    outstanding = standing.register(state="outstanding", now=now).count()
    pending = standing.register(state="pending", now=now).count()
    hint = ngettext("%(count)s company may decide later.", "%(count)s companies may decide later.", pending) % {"count": pending}
    return Task(gettext("Agreements not accepted"), hint, outstanding, f"{address('manage_acceptances')}?state=outstanding")


def reviews(now: datetime) -> Task:
    due = reviewing.due_until(timezone.localdate(now) + reviewing.AHEAD)
    return Task(
        gettext("Measures to review"),
        gettext("Due within 30 days or overdue."),
        len(due),
        address("manage_toms_reviews"),
    )


def objections(_now: datetime) -> Task:
    waiting = noticing.open_objections().count()
    running = Announcement.objects.running().count()
    hint = ngettext("%(count)s announced change runs.", "%(count)s announced changes run.", running) % {"count": running}
    return Task(gettext("Open objections"), hint, waiting, address("manage_notices"))


def mails(now: datetime) -> Task:
    failed = Delivery.objects.filter(state__in=[Delivery.State.FAILED, Delivery.State.BOUNCED], created_at__gte=now - RECENT).count()
    page = address("manage_deliveries", "admin:notifications_delivery_changelist")
    return Task(
        gettext("Mails that did not arrive"), gettext("Failed or bounced in the last 30 days."), failed, page, is_trouble=failed > 0
    )


def jobs(now: datetime) -> Task:
    dead = Job.objects.filter(state=JobState.DEAD).count()
    return Task(
        gettext("Work that gave up"),
        gettext("Tried often enough; it waits for a person to look at it and start it again."),
        dead,
        f"{address('admin:jobs_job_changelist')}?state__exact=dead",
        is_trouble=dead > 0,
    )
