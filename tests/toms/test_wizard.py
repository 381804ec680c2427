"""The publishing wizard with the measures: difference, classification, a second person, PDFs, publication, withdrawal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import User
from jobs.models import Job
from notifications.models import Delivery
from publishing import printing
from tests.factories import customers, registers
from toms import documents, publication, services, tasks
from toms.models import MeasureSet

pytestmark = pytest.mark.django_db
PLAN = {"change_kind": "material", "change_note_de": "Neue Sicherung", "change_note_en": "New backup"}


@pytest.fixture
def editor(client: Client) -> User:
    return customers.staff("editor")


@pytest.fixture
def approver(client: Client) -> User:
    return customers.staff("approver")


def signed_in(person: User) -> Client:
    client = Client()
    customers.log_in(client, person, mfa=True)
    return client


@pytest.fixture
def draft(editor: User) -> MeasureSet:
    customers.provider()
    registers.published_measures()
    draft = services.start_draft(by=editor, at=registers.AT)
    draft.measures.filter(key="C-01").update(text_de="Neue Maßnahme C", text_en="New measure C")
    return draft


def plan(client: Client, draft: MeasureSet, **fields: Any) -> Any:
    given = {**PLAN, "effective_date": timezone.localdate().isoformat(), **fields}
    return client.post(f"/en/manage/toms/{draft.pk}/publish/plan/", given)


def address(draft: MeasureSet, act: str) -> str:
    return f"/en/manage/toms/{draft.pk}/publish/{act}/"


def test_from_draft_to_publication(editor: User, approver: User, draft: MeasureSet) -> None:
    author, second = signed_in(editor), signed_in(approver)
    assert "New " in author.get(f"/en/manage/toms/{draft.pk}/publish/").content.decode()
    assert plan(author, draft).status_code == 302
    subjects = {code: mail.subject for code, mail in second.get(address(draft, "check")).context["mails"]}
    assert "Published: Technical and organisational measures, version 2" in subjects["en"]
    assert subjects["de"].startswith("Veröffentlicht: ")
    assert second.post(address(draft, "approve")).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.number, draft.approved_by) == ("approved", "2", approver)
    assert publication.put_into_force_if_due(timezone.now()) is None, "a version without its PDFs is not published"
    documents.render_missing(draft, timezone.now())
    published = publication.put_into_force_if_due(timezone.now())
    assert published is not None
    assert (published.state, published.published_by, published.effective_date) == ("published", approver, timezone.localdate())
    assert "is published" in second.get(address(draft, "check")).content.decode()


def test_those_who_may_approve_are_asked_by_mail_but_not_the_author(editor: User, approver: User, draft: MeasureSet) -> None:
    plan(signed_in(editor), draft)
    asked = Delivery.objects.get(key__startswith=f"approval_wanted:toms:{draft.pk}:")
    assert asked.recipient == approver.email
    assert asked.context["action_url"].endswith(f"/manage/toms/{draft.pk}/publish/check/")


def test_the_author_finds_no_button_and_is_refused(draft: MeasureSet, editor: User) -> None:
    editor.user_permissions.set(approve_permission())
    client = signed_in(editor)
    plan(client, draft)
    assert "Approve and publish" not in client.get(address(draft, "check")).content.decode()
    answer = client.post(address(draft, "approve"), follow=True)
    assert "A second person has to approve it." in answer.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"


def approve_permission() -> Any:
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename="approve_measureset")


def test_an_editor_may_not_approve(editor: User, draft: MeasureSet) -> None:
    plan(signed_in(editor), draft)
    assert signed_in(editor).post(address(draft, "approve")).status_code == 403


def test_without_classification_nothing_can_be_approved(approver: User, draft: MeasureSet) -> None:
    answer = signed_in(approver).post(address(draft, "approve"), follow=True).content.decode()
    assert "Classify and date the draft first" in answer
    assert not Job.objects.filter(key__contains=f":{draft.pk}:").exists()


@pytest.mark.parametrize("field", ["change_kind", "effective_date", "change_note_de", "change_note_en"])
def test_each_part_of_the_classification_is_asked_for(editor: User, draft: MeasureSet, field: str) -> None:
    answer = plan(signed_in(editor), draft, **{field: ""})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_a_version_cannot_apply_before_today(editor: User, draft: MeasureSet) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    assert plan(signed_in(editor), draft, effective_date=yesterday.isoformat()).status_code == 422


def test_a_planned_publication_waits_for_its_day_and_can_be_withdrawn(editor: User, approver: User, draft: MeasureSet) -> None:
    day = timezone.localdate() + timedelta(days=10)
    plan(signed_in(editor), draft, effective_date=day.isoformat())
    second = signed_in(approver)
    second.post(address(draft, "approve"))
    draft.refresh_from_db()
    documents.render_missing(draft, timezone.now())
    assert publication.put_into_force_if_due(timezone.now()) is None
    assert "The publication is planned for" in second.get(address(draft, "check")).content.decode()
    second.post(address(draft, "withdraw"))
    draft.refresh_from_db()
    assert (draft.state, draft.number) == ("draft", "")
    assert publication.put_into_force_if_due(timezone.now() + timedelta(days=11)) is None
    registers.approve_measures(draft, at=timezone.now(), effective_date=day)
    draft.refresh_from_db()
    assert draft.has_documents(), "the PDFs that say the same serve again"
    published = publication.put_into_force_if_due(timezone.now() + timedelta(days=10))
    assert published is not None
    assert published.effective_date == day


def test_pdfs_of_an_approval_that_was_taken_back_do_not_count_for_another_day(editor: User, draft: MeasureSet) -> None:
    registers.printed(registers.approve_measures(draft))
    draft.refresh_from_db()
    services.reopen(measure_set=draft, by=editor, at=registers.AT)
    again = registers.approve_measures(draft, effective_date=registers.DAY + timedelta(days=1))
    assert not again.has_documents()


def test_a_failed_pdf_is_said_and_can_be_made_again(approver: User, draft: MeasureSet) -> None:
    approved = registers.approve_measures(draft, at=timezone.now())
    Job.objects.filter(key=printing.job_key(tasks.RENDER, approved)).update(state="dead", finished_at=timezone.now(), last_error="x")
    client = signed_in(approver)
    assert "The PDFs could not be made" in client.get(address(draft, "check")).content.decode()
    client.post(address(draft, "again"))
    assert Job.objects.get(key=printing.job_key(tasks.RENDER, approved)).state == "waiting"


def test_the_test_mail_goes_to_the_person_who_asks(approver: User, editor: User, draft: MeasureSet) -> None:
    plan(signed_in(editor), draft)
    signed_in(approver).post(address(draft, "test-mail"))
    mail = Delivery.objects.get(kind="updates_published")
    assert mail.recipient == approver.email
    assert mail.context["number"] == "2"


def test_an_editorial_change_tells_nobody(editor: User, draft: MeasureSet) -> None:
    client = signed_in(editor)
    plan(client, draft, change_kind="editorial")
    page = client.get(address(draft, "check")).content.decode()
    assert "Nobody: the change is editorial." in page
    assert "The mail that goes out" not in page


def test_an_old_version_is_restored_by_two_clicks_as_a_new_draft(editor: User, draft: MeasureSet) -> None:
    registers.publish_measures(draft)
    first = MeasureSet.objects.get(number="1")
    client = signed_in(editor)
    listed = client.get("/en/manage/toms/versions/").content.decode()
    restore = f"/en/manage/toms/versions/{first.pk}/restore/"
    assert restore in listed
    assert client.get(restore).status_code == 200
    assert not MeasureSet.objects.filter(state="draft").exists()
    client.post(restore)
    restored = MeasureSet.objects.get(state="draft")
    assert restored.content_sha256() == first.sha256


def test_a_draft_without_changes_is_not_offered_for_publication(editor: User) -> None:
    registers.published_measures()
    same = services.start_draft(by=editor, at=registers.AT)
    page = signed_in(editor).get(f"/en/manage/toms/{same.pk}/publish/").content.decode()
    assert "Nothing to publish" in page
    assert "Continue" not in page


@pytest.mark.parametrize("view", ["inline", "synopsis", "list", "nonsense"])
@pytest.mark.parametrize("language", ["de", "en", "xx"])
def test_every_view_of_the_difference_says_in_words_what_came_and_went(editor: User, draft: MeasureSet, view: str, language: str) -> None:
    page = signed_in(editor).get(f"/en/manage/toms/{draft.pk}/publish/?view={view}&language={language}").content.decode()
    assert '<ins><span class="vh">Added: </span>' in page
    assert ("Neue" in page) == (language == "de")


@pytest.mark.parametrize("name", ["", "versions/", "compare/"])
def test_customers_and_other_staff_do_not_see_drafts(name: str) -> None:
    assert signed_in(customers.staff("support")).get(f"/en/manage/toms/{name}").status_code == 403
    assert signed_in(customers.owner(customers.customer())).get(f"/en/manage/toms/{name}").status_code == 403
