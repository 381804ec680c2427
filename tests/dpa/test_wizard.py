"""The agreement in the publishing wizard: section by section, with a date to accept by, approved by a second person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import User
from dpa import publication, services
from dpa.models import AgreementDocument, AgreementVersion
from jobs.models import Job
from notifications.models import Delivery
from pdf.storage import keep
from tests.factories import agreement, customers

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    customers.provider()
    return customers.staff("editor")


@pytest.fixture
def approver() -> User:
    return customers.staff("approver")


@pytest.fixture
def draft(editor: User) -> AgreementVersion:
    """A draft of the version in force with another word in one section, in both languages."""
    current = agreement.published()
    draft = services.draft_from(source=current, by=editor, at=timezone.now())
    for text in draft.texts.all():
        text.body = text.body.replace("First paragraph", "First and decisive paragraph")
        text.save()
    return draft


def signed_in(person: User) -> Client:
    client = Client()
    customers.log_in(client, person, mfa=True)
    return client


def address(draft: AgreementVersion, act: str = "") -> str:
    return f"/en/manage/dpa/{draft.pk}/publish/{act}"


def plan(client: Client, draft: AgreementVersion, **fields: str) -> Any:
    soon = timezone.localtime() + timedelta(days=40)
    given = {"change_kind": "material", "change_note_de": "Neu", "change_note_en": "New", "must_accept_by": f"{soon:%Y-%m-%dT%H:%M}"}
    return client.post(address(draft, "plan/"), {**given, "effective_date": timezone.localdate().isoformat(), **fields})


def print_texts(version: AgreementVersion) -> None:
    for text in version.texts.all():
        content = b"%PDF-1.7 " + text.sha256.encode()
        facts = {"sha256": keep(content), "pages": 1, "size": len(content), "created_at": timezone.now()}
        AgreementDocument.objects.create(text=text, text_sha256=text.sha256, **facts)


def test_the_difference_names_the_section_and_the_words(editor: User, draft: AgreementVersion) -> None:
    context = signed_in(editor).get(address(draft)).context
    changed = [part for part in context["difference"].parts if part.kind != "same"]
    assert [(part.key, part.title) for part in changed] == [("body:subject", "Subject")]
    added = [run.text for part in changed for block in part.blocks for run in block.runs if run.operation == "added"]
    assert "".join(added).strip() == "and decisive"


def test_from_draft_to_publication(editor: User, approver: User, draft: AgreementVersion) -> None:
    assert plan(signed_in(editor), draft).status_code == 302
    assert Delivery.objects.filter(kind="approval_wanted", recipient=approver.email).exists()
    second = signed_in(approver)
    page = second.get(address(draft, "check/")).content.decode()
    assert "Example Ltd" in page
    second.post(address(draft, "approve/"))
    draft.refresh_from_db()
    assert (draft.state, draft.number, draft.approved_by) == ("approved", "2.0", approver)
    assert publication.put_into_force_if_due(timezone.now()) is None
    assert "The PDFs are being made" in second.get(address(draft, "check/")).content.decode()
    print_texts(draft)
    publication.put_into_force_if_due(timezone.now())
    draft.refresh_from_db()
    assert (draft.state, draft.published_by) == ("published", approver)


def test_a_material_change_asks_for_the_date_to_accept_by(editor: User, draft: AgreementVersion) -> None:
    refused = plan(signed_in(editor), draft, must_accept_by="")
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["must_accept_by"]


def test_the_gate_does_not_close_before_customers_can_accept(editor: User, draft: AgreementVersion) -> None:
    day = timezone.localdate() + timedelta(days=41)
    refused = plan(signed_in(editor), draft, effective_date=day.isoformat())
    assert list(refused.context["form"].errors) == ["must_accept_by"]


def test_whoever_edited_a_text_of_the_draft_does_not_approve_it(draft: AgreementVersion, approver: User, editor: User) -> None:
    services.save_draft(draft=draft, fields={}, texts={"de": {"title": "Anders"}}, by=approver)
    plan(signed_in(editor), draft)
    second = signed_in(approver)
    assert "a second person has to approve it" in second.get(address(draft, "check/")).content.decode()
    second.post(address(draft, "approve/"))
    draft.refresh_from_db()
    assert draft.state == "draft"


@pytest.mark.parametrize("deadline", ["", "2099-01-01T12:00"])
def test_an_editorial_change_has_no_such_date(editor: User, draft: AgreementVersion, deadline: str) -> None:
    assert plan(signed_in(editor), draft, change_kind="editorial", must_accept_by=deadline).status_code == 302
    draft.refresh_from_db()
    assert (draft.change_kind, draft.must_accept_by) == ("editorial", None)


def test_the_end_of_the_fourth_week_is_proposed_as_the_date_to_accept_by(editor: User, draft: AgreementVersion) -> None:
    form = signed_in(editor).get(address(draft, "plan/")).context["form"]
    proposed = timezone.localtime(form["must_accept_by"].initial)
    assert (proposed.date(), f"{proposed:%H:%M}") == (timezone.localdate() + timedelta(days=28), "23:59")


def test_the_author_does_not_approve(editor: User, draft: AgreementVersion) -> None:
    client = signed_in(editor)
    plan(client, draft)
    assert client.post(address(draft, "approve/")).status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_newer_annex_since_the_approval_is_said(editor: User, approver: User, draft: AgreementVersion) -> None:
    plan(signed_in(editor), draft)
    second = signed_in(approver)
    second.post(address(draft, "approve/"))
    draft.refresh_from_db()
    print_texts(draft)
    AgreementVersion.objects.filter(pk=draft.pk).update(measure_set=another_set())
    assert publication.put_into_force_if_due(timezone.now()) is None
    assert "A newer annex was published" in second.get(address(draft, "check/")).content.decode()


def another_set() -> Any:
    from tests.factories import registers

    return registers.draft_measures()


def test_a_pdf_that_failed_is_said_and_can_be_made_again(editor: User, approver: User, draft: AgreementVersion) -> None:
    plan(signed_in(editor), draft)
    second = signed_in(approver)
    second.post(address(draft, "approve/"))
    Job.objects.filter(kind="dpa.render", key__contains=":").update(state="dead", finished_at=timezone.now(), last_error="x")
    assert "The PDFs could not be made" in second.get(address(draft, "check/")).content.decode()
    second.post(address(draft, "again/"))
    assert set(services.failed_documents(draft)) == set()


def test_an_old_version_becomes_a_draft_again(editor: User, draft: AgreementVersion) -> None:
    current = AgreementVersion.objects.current()
    assert current is not None
    client = signed_in(editor)
    client.post(f"/en/manage/dpa/versions/{current.pk}/restore/")
    newest = AgreementVersion.objects.order_by("-pk").first()
    assert newest is not None
    assert newest.pk > draft.pk
    assert {text.body for text in newest.texts.all()} == {text.body for text in current.texts.all()}


def test_a_text_that_is_not_in_order_yet_is_compared_all_the_same(editor: User, draft: AgreementVersion) -> None:
    draft.texts.update(body="No section here [](#nowhere)")
    page = signed_in(editor).get(address(draft))
    assert page.status_code == 200
    assert page.context["lacks"]


@pytest.mark.parametrize("page", ["", "versions/", "compare/"])
def test_the_pages_around_it_answer(editor: User, draft: AgreementVersion, page: str) -> None:
    assert signed_in(editor).get(f"/en/manage/dpa/{page}").status_code == 200
    assert signed_in(editor).get(f"/en/manage/dpa/{draft.pk}/").status_code == 200
