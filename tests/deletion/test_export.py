"""The company's own data as a file: complete, checkable, and nobody else's."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, User
from deletion import exporting, services
from deletion.plan import decisions
from deletion.scope import ROWS
from dpa.models import ExecutedAgreement
from evidence.models import Event
from pdf.storage import keep
from tests.deletion.test_erasure_requests import sign_in
from tests.factories import agreement
from tests.factories import customers as people

pytestmark = pytest.mark.django_db
NOT_A_COMPANYS_OWN = {
    "privacy_text.ChannelTextDraft": "what one person typed and did not save",
    "subprocessors.Override": "the provider's own decision and its reason",
    "account.EmailAddress": "the same address stands in people.json",
    "admin.LogEntry": "the provider's own record",
    "customers.User_groups": "staff alone have groups",
    "customers.User_user_permissions": "staff alone have permissions",
    "dpa.Serving": "the first time of showing stands with each acceptance",
    "mfa.Authenticator": "a secret",
    "sessions.Session": "a secret",
    "subscriptions.Suppression": "keyed hashes that say nothing without our key",
    "subscriptions.Activity": "said on the page and in the manifest",
    "subscriptions.StatisticsSwitch": "said on the page and in the manifest",
    "subscriptions.Subscription": "said on the page and in the manifest",
    "usersessions.UserSession": "belongs to the person, who sees it under security",
}


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
    archive = opened(exporting.archive(customer=company, at=timezone.now()))
    names = set(archive.namelist())
    assert names == {*exporting.FILES, f"documents/{reference}.pdf", "manifest.json", "SHA256SUMS"}
    sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names - {"SHA256SUMS"}}
    manifest = read(archive, "manifest.json")
    assert {entry["name"] for entry in manifest["files"]} == names - {"SHA256SUMS", "manifest.json"}
    assert manifest["customer"] == str(company.reference)
    assert manifest["not_included"]


def test_the_archive_says_who_accepted_what(company: Customer) -> None:
    owner = people.owner(company)
    reference = accepted(company, owner)
    archive = opened(exporting.archive(customer=company, at=timezone.now()))
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
    archive = opened(exporting.archive(customer=company, at=timezone.now()))
    content = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "Fremde Firma" not in content
    assert stranger.email not in content
    assert str(stranger.customer.reference) not in content
    for word in (secret, token.token_hash, owner.password):
        assert word not in content


def test_the_same_data_at_the_same_time_give_the_same_bytes(company: Customer) -> None:
    people.owner(company)
    now = timezone.now()
    assert exporting.archive(customer=company, at=now) == exporting.archive(customer=company, at=now)


def test_whatever_deletion_reaches_is_exported_or_says_why_not() -> None:
    reached = {model._meta.label for model in ROWS}
    held = {model._meta.label for model in exporting.HELD}
    assert held | NOT_A_COMPANYS_OWN.keys() == reached
    assert not held & NOT_A_COMPANYS_OWN.keys()
    assert {model for model, _kept in decisions()} >= exporting.HELD


def test_an_owner_downloads_the_archive_after_entering_the_password_again(client: Client, company: Customer) -> None:
    owner = people.owner(company)
    sign_in(client, owner, recently=False)
    assert client.get(reverse("account_export")).headers["Location"].startswith(reverse("account_reauthenticate"))
    answer = sign_in(client, owner).post("/en/account/export/")
    assert answer.headers["Content-Type"] == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert read(opened(answer.content), "company.json")[0]["legal_name"] == "Muster Verlag"
    written = b"".join(bytes(event.canonical) for event in Event.objects.all())
    assert b"account.exported" in written
    assert hashlib.sha256(answer.content).hexdigest().encode() in written


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
        exporting.archive(customer=company, at=timezone.now())
    for _number in range(10):
        people.colleague(company)
    with django_assert_max_num_queries(len(few)):
        exporting.archive(customer=company, at=timezone.now())
