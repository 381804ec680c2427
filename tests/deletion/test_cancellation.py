"""Cancelling the contract as § 312k BGB shapes it: two pages, four fields, a confirmation at once."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from customers.models import Role
from deletion import ending
from deletion.models import Cancellation
from deletion.views.cancellation import READABLE_FOR
from evidence.models import Event, Personal
from notifications.messages import compose
from notifications.models import Delivery
from tests.deletion.test_erasure_requests import sign_in
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


def form_of(client: Client, address: str = "/en/cancel/", **changes: Any) -> dict[str, Any]:
    """Return the form's values as a browser would send them after somebody filled it in."""
    page = client.get(address).content.decode()
    secret = re.search(r'name="secret" value="([^"]+)"', page)
    assert secret
    values = {
        "kind": "ordinary",
        "reason": "",
        "name": "Canary Verlag",
        "identification": "canary@example.com",
        "ends": "soonest",
        "ends_date": "",
        "email": "canary@example.com",
        "secret": secret[1],
    }
    return values | changes


def test_a_visitor_cancels_and_sees_the_confirmation_at_once(client: Client) -> None:
    answer = client.post("/en/cancel/", form_of(client), follow=True)
    page = answer.content.decode()
    cancellation = Cancellation.objects.get()
    assert cancellation.reference.startswith("KU-")
    for words in (
        cancellation.reference,
        "Canary Verlag",
        "as soon as possible",
        "Ordinary cancellation",
        "Received on",
        "What happens when",
        "Contract ends on",
        "Data can be retrieved until",
        "Deletion of the account is due by",
    ):
        assert words in page
    assert f'datetime="{timezone.localtime(cancellation.received_at).isoformat()[:16]}' in page


def test_the_confirmation_is_sent_by_mail_with_content_and_time_of_receipt(client: Client) -> None:
    client.post("/en/cancel/", form_of(client, kind="for_cause", reason="The service was down.", ends="date", ends_date="2099-01-31"))
    with override("en"):
        wanted = date_format(datetime.date(2099, 1, 31), "DATE_FORMAT")
    mail = compose(Delivery.objects.get(kind="cancellation_received"))
    cancellation = Cancellation.objects.get()
    for words in (
        "The service was down.",
        wanted,
        "Cancellation for cause",
        "Canary Verlag",
        "canary@example.com",
        "Contract: Use of",
        cancellation.reference,
        "Received on",
    ):
        assert words in mail.body, words
        assert words in str(mail.alternatives[0][0]), words


def test_the_provider_learns_of_it_without_names(client: Client) -> None:
    client.post("/de/cancel/", form_of(client))
    delivery = Delivery.objects.get(kind="cancellation_for_staff")
    assert delivery.recipient == people.provider().email
    assert "Canary" not in compose(delivery).body


def test_no_address_holds_personal_data_and_the_secret_is_kept_as_a_hash(client: Client) -> None:
    values = form_of(client)
    location = client.post("/en/cancel/", values).headers["Location"]
    assert location == f"/en/cancel/received/{values['secret']}/"
    assert len(values["secret"]) == 22  # 128 bits
    assert values["secret"] not in str(Cancellation.objects.values().get())
    assert values["secret"] not in str(list(Delivery.objects.values()))


def test_a_second_click_is_the_same_cancellation(client: Client) -> None:
    values = form_of(client)
    first, second = (client.post("/en/cancel/", values) for _click in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Cancellation.objects.count() == 1
    assert Delivery.objects.filter(kind="cancellation_received").count() == 1


def test_the_confirmation_is_found_by_its_secret_alone_and_for_thirty_days(client: Client) -> None:
    location = client.post("/en/cancel/", form_of(client)).headers["Location"]
    stranger = Client()
    answer = stranger.get(location)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert 'content="noindex"' in answer.content.decode()
    assert stranger.get("/en/cancel/received/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
    assert stranger.get("/en/cancel/received/x/").status_code == 404
    Cancellation.objects.update(received_at=timezone.now() - READABLE_FOR)
    assert stranger.get(location).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "for_cause"}, "reason"),
        ({"kind": "other"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "Visit www.example.com"}, "name"),
        ({"reason": "https://example.com", "kind": "for_cause"}, "reason"),
        ({"identification": ""}, "identification"),
        ({"ends": "date"}, "ends_date"),
        ({"ends": "date", "ends_date": "2020-01-31"}, "ends_date"),
        ({"ends": "date", "ends_date": "soon"}, "ends_date"),
        ({"email": "nobody"}, "email"),
        ({"secret": "guessable"}, "secret"),
    ],
)
def test_an_incomplete_form_comes_back_with_what_to_do(client: Client, changes: dict[str, str], field: str) -> None:
    answer = client.post("/en/cancel/", form_of(client, **changes))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert not Cancellation.objects.exists()


def test_a_reason_belongs_to_a_cancellation_for_cause_alone(client: Client) -> None:
    client.post("/en/cancel/", form_of(client, reason="entered, then changed my mind"))
    assert Cancellation.objects.get().reason == ""


def test_the_sixth_cancellation_within_a_minute_is_refused_and_what_was_entered_stays(client: Client) -> None:
    for _number in range(5):
        assert client.post("/en/cancel/", form_of(client)).status_code == 302
    refused = client.post("/en/cancel/", form_of(client))
    assert refused.status_code == 429
    assert "Wait a minute" in refused.content.decode()
    assert "Canary Verlag" in refused.content.decode()
    assert Cancellation.objects.count() == 5
    assert client.post("/en/cancel/", form_of(client), REMOTE_ADDR="203.0.113.77").status_code == 302


def test_the_ledger_commits_to_the_declaration_and_holds_no_personal_data(client: Client) -> None:
    client.post("/en/cancel/", form_of(client))
    cancellation = Cancellation.objects.get()
    event = Event.objects.get(commitment=bytes.fromhex(cancellation.commitment))
    assert b"canary" not in bytes(event.canonical).lower()
    assert b"canary@example.com" in bytes(Personal.objects.get(commitment=event.commitment).content)


def test_who_signed_in_finds_the_known_fields_filled(client: Client) -> None:
    company = people.customer(legal_name="Muster Verlag")
    signatory = people.person(company, Role.SIGNATORY)
    sign_in(client, signatory, recently=False)
    initial = client.get("/en/account/cancel/").context["form"]
    assert [initial[name].value() for name in ("name", "identification", "email")] == ["Muster Verlag", signatory.email, signatory.email]
    client.post("/en/account/cancel/", form_of(client, "/en/account/cancel/"))
    assert Cancellation.objects.get().customer == company


def test_a_colleague_without_the_right_to_sign_is_told_whom_to_ask(client: Client) -> None:
    company = people.customer()
    assert sign_in(client, people.colleague(company)).get("/en/account/cancel/").status_code == 403


def test_reading_the_public_form_opens_no_session(client: Client) -> None:
    client.get("/en/cancel/")
    assert "session" not in client.cookies


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"kind": "for_cause"}, "deletion_cancellation_for_cause_has_a_reason"),
        ({"reason": "x"}, "deletion_cancellation_for_cause_has_a_reason"),
        ({"secret_sha256": "secret"}, "deletion_cancellation_secret_is_a_hash"),
        ({"language": "fr"}, "deletion_cancellation_language_known"),
    ],
)
def test_the_database_refuses_half_a_cancellation(client: Client, changes: dict[str, str], constraint: str) -> None:
    client.post("/en/cancel/", form_of(client))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Cancellation.objects.update(**changes)


def test_staff_read_cancellations_and_change_none(client: Client) -> None:
    client.post("/en/cancel/", form_of(client))
    cancellation = Cancellation.objects.get()
    people.log_in(client, people.staff("support"), mfa=True)
    assert cancellation.reference in client.get(reverse("admin:deletion_cancellation_changelist")).content.decode()
    page = client.get(reverse("admin:deletion_cancellation_change", args=[cancellation.pk])).content.decode()
    assert cancellation.secret_sha256 not in page
    assert 'name="_save"' not in page


def test_a_date_of_today_is_accepted(client: Client) -> None:
    today: datetime.date = timezone.localdate()
    client.post("/en/cancel/", form_of(client, ends="date", ends_date=today.isoformat()))
    assert Cancellation.objects.get().ends_date == today


# --- when the contract ends -------------------------------------------------------------------------------------------

RECEIVED = datetime.datetime(2026, 11, 24, 10, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("kind", "wanted", "ends", "is_too_early"),
    [
        ("ordinary", None, "2026-12-24", False),
        ("ordinary", "2027-03-31", "2027-03-31", False),
        ("ordinary", "2026-11-30", "2026-12-24", True),
        ("for_cause", None, "2026-11-24", False),
        ("for_cause", "2026-11-30", "2026-11-30", False),
    ],
)
def test_the_contract_ends_on_the_wanted_day_and_not_before_the_notice_period(
    kind: str, wanted: str | None, ends: str, is_too_early: bool
) -> None:
    day = datetime.date.fromisoformat(wanted) if wanted else None
    found = ending.of(Cancellation(kind=kind, ends_date=day, received_at=RECEIVED))
    assert (found.contract.isoformat(), found.is_wish_too_early) == (ends, is_too_early)
    assert found.retrieval == found.contract + datetime.timedelta(days=30)
    assert found.erased == found.retrieval + datetime.timedelta(days=30)


def test_the_confirmation_is_there_as_a_pdf_for_the_sender_alone(client: Client) -> None:
    location = client.post("/en/cancel/", form_of(client)).headers["Location"]
    answer = Client().get(f"{location}confirmation.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert Client().get("/en/cancel/received/AAAAAAAAAAAAAAAAAAAAAA/confirmation.pdf").status_code == 404


def test_support_finds_the_cancellations_with_the_day_and_the_confirmation(client: Client) -> None:
    client.post("/en/cancel/", form_of(client))
    cancellation = Cancellation.objects.get()
    people.log_in(client, people.staff("support"), mfa=True)
    assert cancellation.reference in client.get("/en/desk/cancellations/?q=Canary").content.decode()
    assert "No entry matches" in client.get("/en/desk/cancellations/?q=nobody").content.decode()
    page = client.get(f"/en/desk/cancellations/{cancellation.reference}/").content.decode()
    for words in ("Contract ends on", "Confirmation sent", "Canary Verlag"):
        assert words in page
