"""The company's own data as a file: complete, checkable, and nobody else's."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
import zipfile
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from customers.models import Customer, User
from deletion import contents, exporting, handing_over, returning, services
from deletion.models import AccountExport
from deletion.plan import decisions
from deletion.scope import ROWS
from dpa.models import ExecutedAgreement
from evidence.models import Event
from pdf.storage import keep
from tests.deletion.test_erasure_requests import sign_in
from tests.factories import agreement, erasure
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Customer:
    people.provider()
    return people.customer(legal_name="Muster Verlag")


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def read(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def accepted(company: Customer, owner: User) -> str:
    """Accept, and put a stand-in where the job would put the executed agreement; return the reference."""
    acceptance = agreement.accept(company, owner, agreement.published())
    content = b"%PDF-1.7 executed"
    ExecutedAgreement.objects.create(acceptance=acceptance, sha256=keep(content), pages=1, size=len(content), rendered_at=timezone.now())
    return acceptance.reference


def test_the_archive_holds_every_file_its_checksums_and_a_manifest(company: Customer) -> None:
    owner = people.owner(company)
    reference = accepted(company, owner)
    archive = opened(returning.archive(customer=company, at=timezone.now()))
    names = set(archive.namelist())
    assert names == {*exporting.FILES, *returning.TABLES, f"documents/{reference}.pdf", "manifest.json", "SHA256SUMS"}
    sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names - {"SHA256SUMS"}}
    manifest = read(archive, "manifest.json")
    assert {entry["name"] for entry in manifest["files"]} == names - {"SHA256SUMS", "manifest.json"}
    assert manifest["customer"] == str(company.reference)
    assert manifest["not_included"]


def test_the_archive_says_who_accepted_what(company: Customer) -> None:
    owner = people.owner(company)
    reference = accepted(company, owner)
    archive = opened(returning.archive(customer=company, at=timezone.now()))
    (row,) = read(archive, "acceptances.json")
    assert row["reference"] == reference
    assert row["party"]["person_email"] == owner.email
    assert archive.read(row["document"]) == b"%PDF-1.7 executed"
    assert read(archive, "people.json")[0]["roles"] == ["owner", "privacy_contact", "signatory"]


def test_the_archive_holds_nothing_of_other_companies_and_no_secrets(company: Customer) -> None:
    from customers.services import issue_token

    owner = people.owner(company)
    stranger = people.stranger()
    assert stranger.customer is not None
    services.request_erasure(customer=stranger.customer, by=stranger, at=timezone.now())
    token, secret = issue_token(
        customer=company,
        name="shop",
        scopes=["agreement:read"],
        expires_at=timezone.now() + timezone.timedelta(days=1),
        by=owner,
        at=timezone.now(),
    )
    archive = opened(returning.archive(customer=company, at=timezone.now()))
    content = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "Fremde Firma" not in content
    assert stranger.email not in content
    assert str(stranger.customer.reference) not in content
    for word in (secret, token.token_hash, owner.password):
        assert word not in content


def test_the_same_data_at_the_same_time_give_the_same_bytes(company: Customer) -> None:
    people.owner(company)
    now = timezone.now()
    assert returning.archive(customer=company, at=now) == returning.archive(customer=company, at=now)


def test_whatever_deletion_reaches_is_exported_or_says_why_not() -> None:
    reached = {model._meta.label for model in ROWS}
    held = [model._meta.label for part in contents.HOLDS for model in part.models]
    omitted = [model._meta.label for omission in contents.NOT_INCLUDED for model in omission.models]
    assert sorted(held + omitted) == sorted(reached), "each once"
    assert {model._meta.label for model, _kept in decisions()} >= set(held)


def read_and_closed(answer: Any) -> bytes:
    """Return the file and close it, as a server does; to close the whole answer would close the test's connection too."""
    content = b"".join(answer.streaming_content)
    for close in answer._resource_closers:
        close()
    return content


def made(company: Customer, owner: User) -> AccountExport:
    """Ask for the archive and do the job."""
    export = services.export_account(customer=company, by=owner, at=timezone.now())
    handing_over.make(str(export.reference))
    export.refresh_from_db()
    return export


def test_an_owner_has_the_archive_made_and_downloads_it_after_entering_the_password_again(client: Client, company: Customer) -> None:
    owner = people.owner(company)
    sign_in(client, owner, recently=False)
    asked = client.post(reverse("account_export"))
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not company.exports.exists()
    sign_in(client, owner)
    assert client.post("/en/account/export/").status_code == 302
    assert "We are making the file." in client.get("/en/account/export/").content.decode()
    export = made(company, owner)
    address = f"/en/account/export/{export.reference}/"
    assert address in client.get("/en/account/export/").content.decode()
    answer = client.get(address)
    content = read_and_closed(answer)
    assert answer.headers["Content-Type"] == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert read(opened(content), "company.json")[0]["legal_name"] == "Muster Verlag"
    written = b"".join(bytes(event.canonical) for event in Event.objects.all())
    assert hashlib.sha256(content).hexdigest().encode() in written
    assert b"account.export_taken" in written


def test_only_owners_of_the_company_reach_the_file(client: Client, company: Customer) -> None:
    export = made(company, people.owner(company))
    for person, status in ((people.stranger(), 404), (people.colleague(company), 403)):
        sign_in(client, person)
        assert client.get(f"/en/account/export/{export.reference}/").status_code == status


def test_one_export_at_a_time_and_the_job_may_run_twice(company: Customer) -> None:
    owner = people.owner(company)
    first = services.export_account(customer=company, by=owner, at=timezone.now())
    assert services.export_account(customer=company, by=owner, at=timezone.now()) == first
    export = made(company, owner)
    sha256 = export.sha256
    handing_over.make(str(export.reference))
    export.refresh_from_db()
    assert (export.sha256, export.percent) == (sha256, 100)
    assert services.export_account(customer=company, by=owner, at=timezone.now()) != export


def test_the_archive_returns_every_subscription_with_identifier_and_counts_while_it_works(company: Customer, monkeypatch: Any) -> None:
    monkeypatch.setattr(returning, "AT_ONCE", 10)
    erasure.subscribers(company, 25)
    erasure.subscribers(people.customer(), 3, "foreign")
    told: list[int] = []
    buffer = io.BytesIO()
    returning.write(buffer, customer=company, at=timezone.now(), tell=told.append)
    rows = opened(buffer.getvalue()).read("subscriptions.csv").decode().splitlines()
    assert len(rows) == 26
    assert all(erasure.CANARY in row for row in rows[1:])
    assert "foreign" not in "".join(rows)
    assert told == [0, 10, 20, 25, 25, 35, 45, 50, 50]
    assert told[-1] == returning.total(company)


def test_the_file_and_its_row_go_after_seven_days(company: Customer) -> None:
    export = made(company, people.owner(company))
    path = handing_over.path_of(export)
    assert handing_over.forget_exports(at=export.readable_until) == 0
    assert default_storage.exists(path)
    assert handing_over.forget_exports(at=export.readable_until + timezone.timedelta(seconds=1)) == 1
    assert not default_storage.exists(path)


def test_who_says_that_the_data_were_taken_along_has_downloaded_them(client: Client, company: Customer) -> None:
    owner = people.owner(company)
    given = {"company": company.legal_name, "data_return": "taken"}
    sign_in(client, owner)
    assert client.post(reverse("account_delete"), given).status_code == 422
    with pytest.raises(services.ExportNotTaken):
        services.request_erasure(customer=company, by=owner, at=timezone.now(), data_return="taken")
    export = made(company, owner)
    read_and_closed(client.get(f"/en/account/export/{export.reference}/"))
    assert client.post(reverse("account_delete"), given).status_code == 302
    assert company.erasure_requests.get().data_return == "taken"


def test_without_an_answer_about_the_data_nothing_is_asked_for(client: Client, company: Customer) -> None:
    sign_in(client, people.owner(company))
    answer = client.post(reverse("account_delete"), {"company": company.legal_name})
    assert set(answer.context["form"].errors) == {"data_return"}
    assert not company.erasure_requests.exists()


def test_reading_the_page_hands_nothing_out(client: Client, company: Customer) -> None:
    answer = sign_in(client, people.owner(company)).get("/en/account/export/")
    assert "the subscriptions to your channels" in answer.content.decode()
    assert not Event.objects.exists()


def test_only_an_owner_takes_the_data(company: Customer) -> None:
    for person in (people.colleague(company), people.stranger()):
        with pytest.raises(services.NotAnOwner):
            services.export_account(customer=company, by=person, at=timezone.now())


def test_ten_times_the_people_cost_no_more_queries(company: Customer, django_assert_max_num_queries: Any) -> None:
    people.owner(company)
    with django_assert_max_num_queries(30) as few:
        returning.archive(customer=company, at=timezone.now())
    for _number in range(10):
        people.colleague(company)
    with django_assert_max_num_queries(len(few)):
        returning.archive(customer=company, at=timezone.now())


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "done"}, "deletion_export_done_with_hash"),
        ({"sha256": "0" * 64}, "deletion_export_done_with_hash"),
        ({"state": "failed", "sha256": "0" * 64}, "deletion_export_done_with_hash"),
        ({"downloaded_at": "2026-11-24T10:00:00Z"}, "deletion_export_downloaded_when_done"),
    ],
)
def test_the_database_refuses_half_an_export(company: Customer, changes: dict[str, Any], constraint: str) -> None:
    export = services.export_account(customer=company, by=people.owner(company), at=timezone.now())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AccountExport.objects.filter(pk=export.pk).update(**changes)


def test_the_database_refuses_a_second_export_at_work(company: Customer) -> None:
    services.export_account(customer=company, by=people.owner(company), at=timezone.now())
    with pytest.raises(IntegrityError, match="deletion_export_one_at_work"), transaction.atomic():
        AccountExport.objects.create(customer=company, requested_at=timezone.now())


@override("en")
def test_a_file_that_is_gone_is_said_to_be_gone_where_a_new_one_is_made(client: Client, company: Customer) -> None:
    sign_in(client, people.owner(company))
    answer = client.get(reverse("account_export_file", args=[uuid.uuid4()]))
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "This file is no longer there" in page
    assert f'action="{reverse("account_export")}"' in page


@override("en")
def test_the_page_says_when_the_file_was_first_downloaded(client: Client, company: Customer) -> None:
    owner = people.owner(company)
    made = services.export_account(customer=company, by=owner, at=timezone.now())
    handing_over.make(str(made.reference))
    sign_in(client, owner)
    address = reverse("account_export")
    scope = reverse("account_delete")
    assert "First downloaded" not in client.get(address).content.decode()
    assert "is ready and was not downloaded yet" in client.get(scope).content.decode()
    assert b"".join(client.get(f"{address}{made.reference}/").streaming_content)
    assert "First downloaded" in client.get(address).content.decode()
    assert "was downloaded." in client.get(scope).content.decode()
