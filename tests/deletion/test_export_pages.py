"""The page that shows how far an export is, and the file behind the password: what counts as taken along, and what is gone."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from customers.models import Customer, User
from deletion import handing_over, services
from deletion.models import AccountExport
from evidence.models import Event
from tests.deletion.test_erasure_requests import sign_in
from tests.deletion.test_export import made, read_and_closed
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Customer:
    people.provider()
    return people.customer(legal_name="Muster Verlag")


@pytest.fixture
def owner(company: Customer) -> User:
    return people.owner(company)


def asks_for_the_password(answer: HttpResponseBase) -> bool:
    return answer.status_code == 302 and answer.headers["Location"].startswith(reverse("account_reauthenticate"))


def polled(client: Client) -> Any:
    return client.get(reverse("account_export"), {"seen": "waiting-0"}, headers={"HX-Request": "true"})


@override("en")
def test_an_export_that_takes_longer_than_a_password_is_good_for_is_still_watched(client: Client, company: Customer, owner: User) -> None:
    export = services.export_account(customer=company, by=owner, at=timezone.now())
    sign_in(client, owner, recently=False)
    assert polled(client).status_code == 204
    assert "We are making the file." in client.get(reverse("account_export")).content.decode()
    handing_over.make(str(export.reference))
    seen = polled(client)
    assert seen.status_code == 200
    assert "Download the export" in seen.content.decode()
    assert "<html" not in seen.content.decode()


def test_who_is_signed_out_while_an_export_is_made_gets_the_whole_page_to_sign_in(client: Client, company: Customer, owner: User) -> None:
    services.export_account(customer=company, by=owner, at=timezone.now())
    sign_in(client, owner, recently=False)
    client.logout()
    seen = polled(client)
    assert (seen.status_code, seen.headers["HX-Refresh"], seen.content) == (401, "true", b"")
    whole = client.get(reverse("account_export"))
    assert whole.status_code == 302
    assert whole.headers["Location"].startswith(reverse("account_login"))


def test_to_have_it_made_and_to_take_it_needs_the_password(client: Client, company: Customer, owner: User) -> None:
    export = made(company, owner)
    sign_in(client, owner, recently=False)
    address = reverse("account_export_file", args=[export.reference])
    assert asks_for_the_password(client.post(reverse("account_export")))
    assert asks_for_the_password(client.get(address))
    assert asks_for_the_password(client.head(address))
    assert company.exports.count() == 1
    assert company.exports.get().downloaded_at is None


def test_the_page_is_the_owners_alone(client: Client, company: Customer, owner: User) -> None:
    made(company, owner)
    assert sign_in(client, people.colleague(company)).get(reverse("account_export")).status_code == 403
    assert sign_in(client, people.colleague(company)).post(reverse("account_export")).status_code == 403


def test_to_ask_for_the_headers_is_not_to_take_the_data(client: Client, company: Customer, owner: User) -> None:
    export = made(company, owner)
    sign_in(client, owner)
    address = reverse("account_export_file", args=[export.reference])
    head = client.head(address)
    assert (head.status_code, read_and_closed(head)) == (200, b"")
    assert head.headers["Content-Length"] == str(export.size)
    assert head.headers["Content-Type"] == "application/zip"
    export.refresh_from_db()
    assert export.downloaded_at is None
    assert b"account.export_taken" not in b"".join(bytes(event.canonical) for event in Event.objects.all())
    with pytest.raises(services.ExportNotTaken):
        services.request_erasure(customer=company, by=owner, at=timezone.now(), data_return="taken")
    assert read_and_closed(client.get(address))
    export.refresh_from_db()
    assert export.downloaded_at is not None


@override("en")
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_file_that_went_before_its_row_is_said_to_be_gone(client: Client, company: Customer, owner: User, method: str) -> None:
    export = made(company, owner)
    default_storage.delete(handing_over.path_of(export))
    sign_in(client, owner)
    answer = getattr(client, method)(reverse("account_export_file", args=[export.reference]))
    assert answer.status_code == 404
    if method == "get":
        page = answer.content.decode()
        assert "This file is no longer there" in page
        assert "Make the export" in page
        assert "Download the export" not in page, "what is gone is not offered again"
    assert AccountExport.objects.get().downloaded_at is None
