"""The overview of the provider's staff: each group sees what it may act on, nobody else sees anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from customers.models import Provider, User
from jobs.models import Job
from notifications.models import Delivery
from tests.factories import agreement, customers, registers
from toms.models import Measure

pytestmark = pytest.mark.django_db
DESK = "/en/manage/"


def desk_of(client: Client, group: str) -> str:
    if not Provider.objects.exists():
        customers.provider()
    customers.log_in(client, customers.staff(group), mfa=True)
    response = client.get(DESK)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("group", "seen", "unseen"),
    [
        ("editor", ["Measures to review", "Nothing is being prepared"], ["Work that gave up", "Mails that did not arrive"]),
        ("support", ["Mails that did not arrive"], ["Measures to review", "Work that gave up"]),
        ("admin", ["Work that gave up", "Agreements not accepted"], []),
    ],
)
def test_each_group_sees_its_own_lines(client: Client, group: str, seen: list[str], unseen: list[str]) -> None:
    page = desk_of(client, group)
    assert [line for line in seen if line not in page] == []
    assert [line for line in unseen if line in page] == []


def staff_with(*rights: str) -> User:
    user = customers.person(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def test_who_works_on_requests_alone_is_led_to_them(client: Client) -> None:
    customers.provider()
    customers.log_in(client, staff_with("view_casefile"), mfa=True)
    answer = client.get(DESK)
    assert (answer.status_code, answer["Location"]) == (302, "/en/desk/")


def test_who_has_no_rights_yet_is_told_whom_to_ask(client: Client) -> None:
    customers.provider()
    customers.log_in(client, staff_with(), mfa=True)
    page = client.get(DESK).content.decode()
    assert "You have no rights on these pages yet" in page
    assert 'href="/en/account/security/"' in page
    assert "Nothing is being prepared" not in page


def test_customers_and_visitors_are_refused(client: Client) -> None:
    assert client.get(DESK).status_code == 302
    customers.provider()
    agreement.published()
    company = customers.customer()
    customers.log_in(client, customers.owner(company))
    assert client.get(DESK).status_code in {303, 403}


def test_a_draft_leads_to_its_page(client: Client) -> None:
    customers.provider()
    version = agreement.approved()
    page = desk_of(client, "approver")
    assert f'href="/en/manage/dpa/{version.pk}/"' in page
    assert "approved" in page.lower()


def test_what_failed_is_counted(client: Client) -> None:
    now = timezone.now()
    for number in range(3):
        Delivery.objects.create(
            key=f"k{number}", recipient="a@example.com", kind="agreement_reminder", language="en", message_id=f"<{number}@portal>",
            state="failed", last_error="SMTPConnectError", created_at=now - timedelta(days=number * 20),
        )  # fmt: skip
    Job.objects.create(kind="dpa.render", key="dead", subject="1", state="dead", last_error="gave up", finished_at=now)
    page = desk_of(client, "admin")
    assert page.count('<span class="tag bad">2</span>') == 1, "two of three mails failed within 30 days"
    assert page.count('<span class="tag bad">1</span>') == 1, "one job is dead"


def test_measures_whose_review_is_near_are_counted(client: Client) -> None:
    draft = registers.draft_measures(registers.measures_content(*(registers.control(f"C{letter.upper()}", letter) for letter in "abcd")))
    Measure.objects.filter(measure_set=draft, control__code="CA").update(next_review_date=timezone.localdate() + timedelta(days=10))
    registers.publish_measures(draft)
    assert '<span class="tag warn">1</span>' in desk_of(client, "editor")
