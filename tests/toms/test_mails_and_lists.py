"""Mails to the staff in both languages, and lists of the desk whose work does not grow with their length."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from notifications import messages
from notifications.models import Delivery
from tests.factories import customers, registers
from toms import reviewing, services
from toms.models import MeasureSet

pytestmark = pytest.mark.django_db
SUBJECTS = {
    ("approval_wanted", "de"): "Zur Freigabe: Technische und organisatorische Maßnahmen",
    ("approval_wanted", "en"): "To be approved: Technical and organisational measures",
    ("measure_review", "de"): "Zu überprüfen: Maßnahme A-01",
    ("measure_review", "en"): "To be reviewed: measure A-01",
}


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_mails_to_the_staff_say_what_is_to_be_done_and_where(language: str) -> None:
    customers.provider()
    people = [customers.staff("editor"), customers.staff("approver")]
    for person in people:
        person.language = language
        person.save()
    draft = registers.draft_measures()
    draft.measures.filter(key="A-01").update(next_review_date=registers.DAY, owner="Betrieb")
    registers.publish_measures(draft)
    reviewing.remind(registers.AT)
    for kind in ("approval_wanted", "measure_review"):
        mail = messages.compose(Delivery.objects.get(kind=kind))
        assert mail.subject == SUBJECTS[kind, language]
        html = str(mail.alternatives[0][0])
        for body in (mail.body, html):
            assert f"/{language}/manage/toms/" in body
            assert "{{" not in body
    assert "Betrieb" in mail.body
    assert ("23. November 2026" in mail.body) == (language == "de")


@pytest.fixture
def desk(client: Client) -> Client:
    customers.provider()
    customers.log_in(client, customers.staff("editor"), mfa=True)
    return client


def queries(desk: Client, address: str, django_assert_max_num_queries: Any) -> int:
    desk.get(address)
    with django_assert_max_num_queries(40) as counted:
        assert desk.get(address).status_code == 200
    return len(counted)


def test_the_list_of_versions_asks_no_more_for_many(desk: Client, django_assert_max_num_queries: Any) -> None:
    registers.published_measures()
    first = queries(desk, "/en/manage/toms/versions/", django_assert_max_num_queries)
    author = registers.editor()
    MeasureSet.objects.bulk_create(MeasureSet(created_by=author, created_at=registers.AT) for _each in range(30))
    assert queries(desk, "/en/manage/toms/versions/", django_assert_max_num_queries) <= first + 1  # drafts are a list of their own


def test_the_list_of_reviews_asks_no_more_for_many(desk: Client, django_assert_max_num_queries: Any) -> None:
    day = timezone.localdate() - datetime.timedelta(days=1)
    letters = [registers.control(letter.upper(), letter) for letter in "abcd"]
    counts = []
    for number in (0, 30):
        controls = [*letters, *[registers.control(f"C{each}") for each in range(number)]]
        draft = registers.draft_measures(registers.measures_content(*controls))
        draft.measures.update(next_review_date=day)
        registers.publish_measures(draft)
        page = desk.get("/en/manage/toms/reviews/").content.decode()
        assert page.count("overdue since") == 4 + number
        counts.append(queries(desk, "/en/manage/toms/reviews/", django_assert_max_num_queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("address", ["/en/tom/compare/", "/en/tom/versions/"])
def test_public_lists_ask_no_more_for_more_versions(client: Client, address: str, django_assert_max_num_queries: Any) -> None:
    customers.provider()
    counts = []
    registers.published_measures()
    for number in range(1, 7):
        draft = services.start_draft(by=registers.editor(), at=registers.AT)
        draft.measures.filter(key="A-01").update(text_de=f"Neu {number}", text_en=f"New {number}")
        registers.publish_measures(draft, at=registers.AT + datetime.timedelta(days=number))
        counts.append(queries(client, address, django_assert_max_num_queries))
    assert len(set(counts)) == 1, counts
