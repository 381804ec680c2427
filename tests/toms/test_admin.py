"""The register in the admin: drafts can be changed there, published rows only read."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import publishing.services
from customers.models import User
from tests.factories import customers, registers
from toms import services
from toms.models import Measure, MeasureSet

pytestmark = pytest.mark.django_db
ROWS = ("category", "control", "measure", "measureset")


@pytest.fixture
def desk(client: Client) -> Client:
    """A superuser with a second factor: if the admin refuses him, it refuses everybody."""
    person = User.objects.create_superuser("root@example.com", customers.PASSWORD, full_name="Root")
    customers.log_in(client, person, mfa=True)
    return client


def first(published: object, row: str) -> object:
    relation = {"category": "categories", "control": "controls", "measure": "measures"}
    return published if row == "measureset" else getattr(published, relation[row]).first()


@pytest.mark.parametrize("row", ROWS)
def test_a_published_row_can_be_read_but_not_changed(desk: Client, row: str) -> None:
    published = registers.published_measures()
    address = reverse(f"admin:toms_{row}_change", args=[first(published, row).pk])
    page = desk.get(address)
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert desk.post(address, {"label_de": "Anders", "text_de": "Anders", "sort": 1}).status_code == 403


@pytest.mark.parametrize("row", ROWS)
def test_a_published_row_cannot_be_deleted(desk: Client, row: str) -> None:
    published = registers.published_measures()
    assert desk.post(reverse(f"admin:toms_{row}_delete", args=[first(published, row).pk]), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": first(published, row).pk, "post": "yes"}
    desk.post(reverse(f"admin:toms_{row}_changelist"), chosen)
    published.refresh_from_db()
    assert published.content_sha256() == published.sha256


def test_a_row_of_a_draft_can_be_changed(desk: Client) -> None:
    registers.published_measures()
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    measure = draft.measures.get(key="A-01")
    fields = {
        name: getattr(measure, name) for name in ("key", "text_en", "implemented_by", "status", "sort", "measure_set_id", "control_id")
    }
    fields |= {"measure_set": draft.pk, "control": measure.control_id, "text_de": "Neu", "internal_detail": "", "owner": ""}
    answer = desk.post(reverse("admin:toms_measure_change", args=[measure.pk]), fields)
    assert answer.status_code == 302
    assert Measure.objects.get(pk=measure.pk).text_de == "Neu"


def test_the_form_offers_no_published_set(desk: Client) -> None:
    published = registers.published_measures()
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    form = desk.get(reverse("admin:toms_measure_add")).context["adminform"].form
    assert list(form.fields["measure_set"].queryset) == [draft]
    assert not form.fields["control"].queryset.filter(measure_set=published).exists()


def test_an_approved_set_can_no_longer_be_changed(desk: Client) -> None:
    approved = registers.approve_measures(registers.draft_measures())
    measure = approved.measures.first()
    assert measure is not None
    assert desk.post(reverse("admin:toms_measure_change", args=[measure.pk]), {"text_de": "Neu"}).status_code == 403


# --- the services of the desk stand behind it --------------------------------------------------------------------------


def test_whoever_changes_a_row_here_counts_as_an_author(desk: Client) -> None:
    registers.published_measures()
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    change_text(desk, draft)
    root = User.objects.get(email="root@example.com")
    draft.refresh_from_db()
    assert draft.is_authored_by(root)
    with pytest.raises(publishing.services.AuthorMayNotApprove):
        registers.approve_measures(draft, by=root)


def change_text(desk: Client, draft: MeasureSet) -> None:
    measure = draft.measures.get(key="A-01")
    fields = {name: getattr(measure, name) for name in ("key", "text_en", "implemented_by", "status", "sort")}
    fields |= {"measure_set": draft.pk, "control": measure.control_id, "text_de": "Neu"}
    assert desk.post(reverse("admin:toms_measure_change", args=[measure.pk]), fields).status_code == 302


def test_a_measure_cannot_hang_on_a_control_of_another_draft(desk: Client) -> None:
    registers.published_measures()
    draft, other = (services.start_draft(by=registers.editor(), at=registers.AT) for _draft in range(2))
    measure = draft.measures.get(key="A-01")
    fields = {name: getattr(measure, name) for name in ("key", "text_de", "text_en", "implemented_by", "status", "sort")}
    fields |= {"measure_set": draft.pk, "control": other.controls.get(code="A").pk}
    answer = desk.post(reverse("admin:toms_measure_change", args=[measure.pk]), fields)
    assert answer.status_code == 200
    assert "Choose one of the same version." in answer.content.decode() or "derselben Fassung" in answer.content.decode()


def test_a_control_that_holds_measures_is_not_deleted(desk: Client) -> None:
    draft = registers.draft_measures()
    control = draft.controls.get(code="A")
    assert desk.post(reverse("admin:toms_control_delete", args=[control.pk]), {"post": "yes"}).status_code == 403
    assert draft.controls.filter(code="A").exists()


def test_a_set_is_exported_and_a_draft_read_in_here_too(desk: Client) -> None:
    published = registers.published_measures()
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    content = desk.get(reverse("admin:toms_measureset_export", args=[published.pk])).content
    changed = content.replace(b"Measure A", b"Measure changed")
    address = reverse("admin:toms_measureset_import", args=[draft.pk])
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"file": SimpleUploadedFile("m.csv", changed)}).status_code == 302
    assert draft.measures.get(key="A-01").text_en == "Measure changed"
    refused = desk.post(address, {"file": SimpleUploadedFile("m.csv", b"code,key,text_de,text_en\r\nA,A-01,,x\r\n")})
    assert refused.status_code == 422
    assert draft.measures.get(key="A-01").text_en == "Measure changed"


def test_nothing_is_read_into_a_published_set(desk: Client) -> None:
    published = registers.published_measures()
    address = reverse("admin:toms_measureset_import", args=[published.pk])
    assert desk.post(address, {"file": SimpleUploadedFile("m.csv", b"x")}).status_code == 403
