"""The register in the admin: drafts can be changed there, published entries only read."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from customers.models import User
from subprocessors import services
from tests.factories import customers, registers

pytestmark = pytest.mark.django_db
ROWS = ("subprocessor", "subprocessorlist")


@pytest.fixture
def desk(client: Client) -> Client:
    """A superuser with a second factor: if the admin refuses him, it refuses everybody."""
    person = User.objects.create_superuser("root@example.com", customers.PASSWORD, full_name="Root")
    customers.log_in(client, person, mfa=True)
    return client


@pytest.mark.parametrize("row", ROWS)
def test_a_published_row_can_be_read_but_neither_changed_nor_deleted(desk: Client, row: str) -> None:
    published = registers.published_subprocessors()
    key = published.pk if row == "subprocessorlist" else published.entries.first().pk
    page = desk.get(reverse(f"admin:subprocessors_{row}_change", args=[key]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    for action in ("change", "delete"):
        assert desk.post(reverse(f"admin:subprocessors_{row}_{action}", args=[key]), {"post": "yes"}).status_code == 403


def test_the_form_offers_drafts_alone_and_refuses_an_entry_without_a_basis(desk: Client) -> None:
    registers.published_subprocessors()
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    entry = draft.entries.get(slug="host")
    address = reverse("admin:subprocessors_subprocessor_change", args=[entry.pk])
    form = desk.get(address).context["adminform"].form
    assert list(form.fields["subprocessor_list"].queryset) == [draft]
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    plain = {name: ",".join(value) if isinstance(value, list) else value for name, value in values.items() if value is not None}
    times = {"last_verified_at_0": "2026-11-01", "last_verified_at_1": "12:00"}
    refused = desk.post(address, {**plain, **times, "seat_country": "US"})
    assert list(refused.context["adminform"].form.errors) == ["transfer_basis"]
    entry.refresh_from_db()
    assert entry.seat_country == "DE"
    accepted = desk.post(address, {**plain, **times, "purpose_de": "Neu"})
    assert accepted.status_code == 302
    entry.refresh_from_db()
    assert entry.purpose_de == "Neu"


def test_the_administrations_form_keeps_the_desks_rules_and_notes_who_edited(desk: Client) -> None:
    draft = registers.draft_subprocessors(registers.american())
    entry = draft.entries.get()
    address = reverse("admin:subprocessors_subprocessor_change", args=[entry.pk])
    form = desk.get(address).context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    plain = {name: ",".join(value) if isinstance(value, list) else value for name, value in values.items() if value is not None}
    times = {"last_verified_at_0": "2026-11-01", "last_verified_at_1": "12:00"}
    refused = desk.post(address, {**plain, **times, "fallback_basis": ""})
    assert list(refused.context["adminform"].form.errors) == ["fallback_basis"]
    assert desk.post(address, {**plain, **times, "contact": "new@example.com"}).status_code == 302
    draft.refresh_from_db()
    assert draft.editor_ids == [User.objects.get(email="root@example.com").pk]


def test_lists_go_out_and_come_in_as_at_the_desk(desk: Client) -> None:
    draft = registers.draft_subprocessors()
    before = draft.content()
    address = reverse("admin:subprocessors_subprocessorlist_changelist")
    exported = desk.post(address, {"action": "export_csv", "_selected_action": [draft.pk]})
    assert exported["Content-Type"].startswith("text/csv")
    place = reverse("admin:subprocessors_subprocessorlist_import")
    assert place in desk.get(address).content.decode()
    wrong = desk.post(place, {"file": SimpleUploadedFile("list.csv", b"a,b\n1,2\n")})
    assert wrong.status_code == 422
    right = desk.post(place, {"file": SimpleUploadedFile("list.csv", exported.content), "replaces": "on"})
    assert right.status_code == 302
    assert draft.content() == before


def test_nobody_without_the_right_reads_a_file_in(client: Client) -> None:
    customers.log_in(client, customers.staff("approver"), mfa=True)
    assert client.get(reverse("admin:subprocessors_subprocessorlist_import")).status_code == 403
