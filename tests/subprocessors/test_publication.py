"""When an announced list begins: on its day by itself, or on the first day on which nothing stands against it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from customers.models import Customer
from jobs.models import Job
from notifications.models import Delivery
from subprocessors import documents, publication, services, tasks, telling
from subprocessors.models import Announcement, SubprocessorList
from tests.factories import customers, notices, registers
from tests.factories.registers import AT

BERLIN = ZoneInfo("Europe/Berlin")
pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Customer:
    customers.provider()
    notices.register_in_force()
    return notices.company()


@pytest.fixture
def announced(company: Customer) -> Announcement:
    """The approval of a list with a new company announced it, and the customer was told."""
    draft = registers.draft_subprocessors(registers.entry(), registers.american())
    start = telling.earliest_start(told=(AT + notices.QUIET).date(), is_urgent=False)
    notes = {"de": "Neu", "en": "New"}
    services.plan(subprocessor_list=draft, change_kind="material", effective_date=start, notes=notes, by=draft.created_by, at=AT)
    registers.printed(services.approve(subprocessor_list=draft, by=registers.editor(), at=AT))
    announcement = Announcement.objects.get()
    telling.tell(announcement.pk, announcement.quiet_until)
    announcement.refresh_from_db()
    notices.deliver(announcement)
    return announcement


def morning_of(announcement: Announcement, days_later: int = 0) -> datetime:
    day = announcement.starts_date + timedelta(days=days_later)
    return datetime(day.year, day.month, day.day, 0, 5, tzinfo=BERLIN)


def object_to_it(announcement: Announcement, company: Customer) -> None:
    notice = notices.notice(announcement, company)
    services.object_to(notice=notice, grounds="No transfer", by=notices.people(company), at=AT + timedelta(days=1))


def test_the_clock_puts_the_list_into_force_on_the_announced_day(announced: Announcement) -> None:
    assert publication.put_into_force_if_due(morning_of(announced, -1)) is None
    published = publication.put_into_force_if_due(morning_of(announced))
    assert published is not None
    assert (published.number, published.effective_date) == ("2", announced.starts_date)
    announced.refresh_from_db()
    assert announced.state == "active"


def test_the_clock_waits_while_an_objection_is_open_and_the_list_then_applies_from_the_day_on_which_it_is_closed(
    announced: Announcement, company: Customer
) -> None:
    object_to_it(announced, company)
    assert publication.put_into_force_if_due(morning_of(announced)) is None
    objection = notices.notice(announced, company).objections.get()
    closed = morning_of(announced, 3)
    services.decide(objection=objection, state="remedied", outcome="Agreed", by=registers.editor(), at=closed)
    assert publication.put_into_force_if_due(closed) is None, "its PDFs name the announced day and are made anew"
    approved = SubprocessorList.objects.get(state="approved")
    assert approved.effective_date == closed.date()
    assert Job.objects.filter(kind=documents.RENDER, subject=str(approved.pk), state="waiting").count() == 2
    registers.printed(approved)
    published = publication.put_into_force_if_due(closed)
    assert published is not None
    assert published.effective_date == closed.date()
    assert SubprocessorList.objects.in_force_on(announced.starts_date) != published


def test_without_a_mail_that_got_through_the_clock_waits(announced: Announcement) -> None:
    Delivery.objects.update(state="failed", sent_at=None, last_error="smtp_550")
    assert publication.put_into_force_if_due(morning_of(announced)) is None


def test_another_start_of_the_announcement_is_the_lists_day_too(company: Customer) -> None:
    announcement = notices.announce()
    assert announcement is not None
    later = announcement.starts_date + timedelta(days=20)
    notices.announce(announcement.subprocessor_list, starts=later)
    approved = SubprocessorList.objects.get(state="approved")
    assert approved.effective_date == later
    assert Job.objects.filter(kind=documents.RENDER, subject=str(approved.pk)).count() == 2


def test_a_person_may_begin_at_once_and_is_told_what_stands_against_it(announced: Announcement, company: Customer) -> None:
    listed = announced.subprocessor_list
    assert listed is not None
    with pytest.raises(services.StillBlocked):
        services.begin_now(subprocessor_list=listed, by=registers.editor(), at=AT + timedelta(days=3))
    begun = services.begin_now(subprocessor_list=listed, by=registers.editor(), at=morning_of(announced))
    assert begun.state == "published"


def test_beginning_on_another_day_than_the_announced_one_waits_for_its_pdfs(announced: Announcement) -> None:
    listed, day = announced.subprocessor_list, morning_of(announced, 2)
    assert listed is not None
    waiting = services.begin_now(subprocessor_list=listed, by=registers.editor(), at=day)
    assert (waiting.state, waiting.effective_date, waiting.has_documents()) == ("approved", day.date(), False)


def test_the_hourly_task_publishes_what_is_due(company: Customer) -> None:
    now = timezone.now()
    draft = services.start_draft(by=registers.editor(), at=now)
    draft.entries.update(contact="other@example.com")
    notes = {"de": "Neu", "en": "New"}
    services.plan(subprocessor_list=draft, change_kind="editorial", effective_date=now.date(), notes=notes, by=draft.created_by, at=now)
    registers.printed(services.approve(subprocessor_list=draft, by=registers.editor(), at=now))
    tasks.keep_time()
    draft.refresh_from_db()
    assert draft.state == "published"
