"""The list in the publishing wizard: difference, classification, a second person whose approval announces, publication when it may begin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import User
from notifications.models import Delivery
from subprocessors import publication, services, tasks, telling
from subprocessors.models import Announcement, SubprocessorList
from tests.factories import customers, notices, registers

pytestmark = pytest.mark.django_db
PLAN = {"change_kind": "material", "change_note_de": "Neues Netz", "change_note_en": "New network"}


@pytest.fixture
def editor() -> User:
    return customers.staff("editor")


@pytest.fixture
def approver() -> User:
    return customers.staff("approver")


def signed_in(person: User) -> Client:
    client = Client()
    customers.log_in(client, person, mfa=True)
    return client


@pytest.fixture
def draft(editor: User) -> SubprocessorList:
    """A draft that adds a company, while one customer has agreed on thirty days."""
    customers.provider()
    notices.register_in_force()
    notices.company()
    made = services.start_draft(by=editor, at=timezone.now())
    services.save_entry(entry=registers.drafted(made, registers.american()), by=editor)
    return made


def address(draft: SubprocessorList, act: str = "") -> str:
    return f"/en/manage/subprocessors/{draft.pk}/publish/{act}"


def plan(client: Client, draft: SubprocessorList, **fields: Any) -> Any:
    form = client.get(address(draft, "plan/")).context["form"]
    return client.post(address(draft, "plan/"), {**PLAN, "effective_date": form["effective_date"].initial.isoformat(), **fields})


def test_from_draft_to_force_with_the_second_persons_approval_announcing_it(editor: User, approver: User, draft: SubprocessorList) -> None:
    author, second = signed_in(editor), signed_in(approver)
    assert "Network GmbH" in author.get(address(draft)).content.decode()
    assert plan(author, draft).status_code == 302
    assert Delivery.objects.filter(kind="approval_wanted", recipient=approver.email).count() == 1
    page = second.get(address(draft, "check/"))
    assert page.context["recipients"][0] == "1 customer, unasked"
    assert [code for code, _mail in page.context["mails"]] == ["de", "en"]
    assert "Network GmbH" in page.context["mails"][1][1].body
    second.post(address(draft, "approve/"))
    announcement = Announcement.objects.get()
    assert (announcement.state, announcement.subprocessor_list_id) == ("planned", draft.pk)
    assert not Delivery.objects.filter(kind="subprocessors_announced").exists(), "nobody is told within the quiet window"
    registers.printed(SubprocessorList.objects.get(pk=draft.pk))
    begun = timezone.now() + timedelta(days=60)
    assert publication.put_into_force_if_due(begun) is None, "nothing begins before anybody was told"
    telling.tell(announcement.pk, announcement.quiet_until)
    announcement.refresh_from_db()
    notices.deliver(announcement)
    SubprocessorList.objects.filter(pk=draft.pk).update(effective_date=timezone.localdate())
    assert "stands against the change" in second.get(address(draft, "check/")).content.decode()
    SubprocessorList.objects.filter(pk=draft.pk).update(effective_date=timezone.localdate(begun))
    registers.printed(SubprocessorList.objects.get(pk=draft.pk))
    published = publication.put_into_force_if_due(begun)
    assert published is not None
    assert (published.number, published.published_by) == ("2", approver)
    announcement.refresh_from_db()
    assert announcement.state == "active"


def test_the_author_does_not_approve_and_whoever_may_not_is_refused(editor: User, draft: SubprocessorList) -> None:
    author = signed_in(editor)
    plan(author, draft)
    assert author.post(address(draft, "approve/")).status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_day_within_somebodys_period_is_refused_with_the_first_one_that_is_not(
    editor: User, approver: User, draft: SubprocessorList
) -> None:
    plan(signed_in(editor), draft, effective_date=timezone.localdate().isoformat())
    page = signed_in(approver).post(address(draft, "approve/"), follow=True).content.decode()
    assert "The earliest possible start is" in page
    draft.refresh_from_db()
    assert (draft.state, Announcement.objects.count()) == ("draft", 0)


def test_opening_the_list_again_takes_back_what_nobody_was_told_of(editor: User, approver: User, draft: SubprocessorList) -> None:
    plan(signed_in(editor), draft)
    second = signed_in(approver)
    second.post(address(draft, "approve/"))
    second.post(address(draft, "withdraw/"))
    draft.refresh_from_db()
    assert (draft.state, Announcement.objects.get().state) == ("draft", "withdrawn")


def test_new_wording_is_published_at_once_and_announces_nothing(editor: User, approver: User) -> None:
    customers.provider()
    notices.register_in_force()
    notices.company()
    draft = services.start_draft(by=editor, at=timezone.now())
    draft.entries.update(purpose_de="Anders gesagt", purpose_en="Said otherwise")
    plan(signed_in(editor), draft, change_kind="editorial")
    second = signed_in(approver)
    second.post(address(draft, "approve/"))
    assert not Announcement.objects.exists()
    tasks.render(str(draft.pk))
    draft.refresh_from_db()
    assert draft.state == "published"


def test_an_entry_that_lacks_something_stands_in_the_way_of_the_approval(editor: User, approver: User, draft: SubprocessorList) -> None:
    draft.entries.filter(slug="network").update(purpose_en="")
    assert "Network GmbH" in str(signed_in(editor).get(address(draft)).context["lacks"])
    plan(signed_in(editor), draft)
    signed_in(approver).post(address(draft, "approve/"))
    draft.refresh_from_db()
    assert draft.state == "draft"
