"""The pages of notices and objections: the seven answers, only one's own, each step for those who may take it, a fixed number of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Job
from notifications.models import Delivery
from subprocessors import services, telling
from subprocessors.models import Announcement, Notice, Objection, Override, SubprocessorList, TermsDeviation
from tests.factories import customers, notices, registers

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """An announcement told today, with the mails delivered."""
    customers.provider()
    notices.register_in_force()
    now = timezone.now()
    company = notices.company(now)
    announcement = notices.told(at=now - timedelta(hours=2))
    notices.deliver(announcement)
    return announcement, company


def as_owner(client: Client, company: Any) -> Client:
    customers.log_in(client, notices.people(company))
    return client


def as_staff(client: Client, group: str) -> Client:
    customers.log_in(client, customers.staff(group), mfa=True)
    return client


def test_a_customer_reads_the_seven_answers_and_the_opening_is_noted(client: Client, told: Any) -> None:
    announcement, company = told
    page = as_owner(client, company).get(f"/en/account/notices/{announcement.reference}/").content.decode()
    answers = [
        "Web push",
        "Identifiers; IP addresses",
        "United States",
        "Data Privacy Framework",
        "Not longer than we",
        "24:00",
        "Object to the change",
    ]
    assert [answer for answer in answers if answer not in page] == []
    assert notices.notice(announcement, company).seen_at is not None


def test_the_badge_counts_what_waits_and_goes_with_the_answer(client: Client, told: Any) -> None:
    announcement, company = told
    page = as_owner(client, company).get("/en/account/").content.decode()
    assert '<span class="badge">1' in page
    assert client.post(f"/en/account/notices/{announcement.reference}/consent/").status_code == 302
    assert '<span class="badge">' not in client.get("/en/account/").content.decode()


def test_an_objection_is_made_in_the_portal_and_its_page_stays(client: Client, told: Any) -> None:
    announcement, company = told
    path = f"/de/account/notices/{announcement.reference}/object/"
    assert as_owner(client, company).post(path, {"grounds": " "}).status_code == 422
    answer = client.post(path, {"grounds": "Ort der <b>Verarbeitung</b>"})
    objection = Objection.objects.get()
    assert answer["Location"] == f"/de/account/objections/{objection.reference}/"
    page = client.get(answer["Location"]).content.decode()
    assert objection.reference in page
    assert "&lt;b&gt;Verarbeitung" in page
    assert client.post(f"/de/account/objections/{objection.reference}/withdraw/").status_code == 302
    objection.refresh_from_db()
    assert objection.state == "withdrawn"


def test_a_late_objection_is_refused_in_words(client: Client, told: Any) -> None:
    announcement, company = told
    Notice.objects.update(objection_ends_at=timezone.now())
    as_owner(client, company).post(f"/en/account/notices/{announcement.reference}/object/", {"grounds": "x"})
    assert not Objection.objects.exists()
    assert "The objection period is over" in client.get(f"/en/account/notices/{announcement.reference}/").content.decode()


def test_nobody_sees_or_answers_the_notices_of_another_company(client: Client, told: Any) -> None:
    announcement, company = told
    objection = services.object_to(notice=notices.notice(announcement, company), grounds="x", by=notices.people(company), at=timezone.now())
    customers.log_in(client, customers.stranger())
    paths = [f"notices/{announcement.reference}/", f"notices/{announcement.reference}/object/", f"objections/{objection.reference}/"]
    assert [client.get(f"/de/account/{path}").status_code for path in paths] == [404, 404, 404]
    posts = [f"notices/{announcement.reference}/consent/", f"objections/{objection.reference}/withdraw/"]
    assert [client.post(f"/de/account/{path}").status_code for path in posts] == [404, 404]
    objection.refresh_from_db()
    assert objection.state == "received"


def test_a_colleague_without_the_role_reads_but_does_not_answer(client: Client, told: Any) -> None:
    announcement, company = told
    customers.log_in(client, customers.colleague(company))
    path = f"/en/account/notices/{announcement.reference}/"
    assert "Object to the change" not in client.get(path).content.decode()
    assert client.get(f"{path}object/").status_code == 403
    assert client.post(f"{path}consent/").status_code == 403
    assert notices.notice(announcement, company).seen_at is None


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_of_notices_takes_the_same_number_of_queries_at_any_length(
    client: Client, told: Any, django_assert_max_num_queries: Any, count: int
) -> None:
    announcement, company = told
    for number in range(count - 1):
        copy = Announcement.objects.get(pk=announcement.pk)
        copy.pk, copy.reference = None, f"UA-2026-{number:04}-0000"
        copy.save(force_insert=True)
        notice = notices.notice(announcement, company)
        notice.pk, notice.announcement = None, copy
        notice.save(force_insert=True)
    as_owner(client, company)
    with django_assert_max_num_queries(10):
        assert client.get("/de/account/notices/").status_code == 200


# --- staff ----------------------------------------------------------------------------------------------------------------


def test_the_approver_announces_with_the_earliest_day_filled_in(client: Client) -> None:
    customers.provider()
    notices.register_in_force()
    notices.company(timezone.now())
    notices.approved()
    as_staff(client, "approver")
    page = client.get("/en/manage/notices/new/")
    form = page.context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    too_early = client.post("/en/manage/notices/new/", values | {"starts_date": timezone.localdate().isoformat()})
    assert too_early.status_code == 422
    assert "The earliest possible start is" in too_early.content.decode()
    urgent = {"urgency_de": "Angriff", "urgency_en": "Attack"}
    assert "No customer’s agreement allows" in client.post("/en/manage/notices/new/", values | urgent).content.decode()
    answer = client.post("/en/manage/notices/new/", values | {"network-features_en": "Delivery of images"})
    announcement = Announcement.objects.get()
    assert answer["Location"] == f"/en/manage/notices/{announcement.reference}/"
    assert announcement.changes.get().features_en == "Delivery of images"
    assert client.get(answer["Location"]).status_code == 200


def test_staff_put_a_change_into_force_when_nothing_stands_against_it(client: Client, told: Any) -> None:
    announcement, _company = told
    path = f"/en/manage/notices/{announcement.reference}/"
    as_staff(client, "approver")
    client.post(f"{path}activate/")
    assert "1 customer stands against the change." in client.get(path).content.decode()
    Notice.objects.update(told_date=registers.DAY, may_start_date=timezone.localdate(), notice_ends_date=timezone.localdate())
    Announcement.objects.update(starts_date=timezone.localdate())
    answer = client.post(f"{path}activate/", follow=True)
    assert "published as soon as its PDFs are made" in answer.content.decode()
    registers.printed(SubprocessorList.objects.get(state="approved"))
    client.post(f"{path}activate/")
    announcement.refresh_from_db()
    assert announcement.state == "active"
    assert SubprocessorList.objects.current() == announcement.subprocessor_list


def test_legal_answers_closes_and_decides_and_the_approver_does_not(client: Client, told: Any) -> None:
    announcement, company = told
    objection = services.object_to(notice=notices.notice(announcement, company), grounds="x", by=notices.people(company), at=timezone.now())
    path, override = f"/en/manage/objections/{objection.reference}/", f"/en/manage/notices/{announcement.reference}/override/{company.pk}/"
    as_staff(client, "approver")
    assert client.post(path, {"step": "answer", "text": "Nein"}).status_code == 200
    assert client.post(override, {"reason": "x"}).status_code == 403
    objection.refresh_from_db()
    assert objection.state == "received"
    as_staff(client, "legal")
    assert client.post(path, {"step": "answer", "text": ""}).status_code == 422
    assert client.post(path, {"step": "answer", "text": "Andere Region"}).status_code == 302
    assert client.post(override, {"reason": "Getrennt gehalten"}).status_code == 302
    assert client.post(path, {"step": "close", "state": "upheld", "outcome": "Gilt nicht"}).status_code == 302
    objection.refresh_from_db()
    assert (objection.state, Override.objects.get().reason) == ("upheld", "Getrennt gehalten")


def test_legal_records_and_ends_terms_of_one_customer(client: Client, told: Any) -> None:
    _announcement, company = told
    as_staff(client, "legal")
    path = f"/en/manage/terms/{company.pk}/"
    values = {"notice_days": "60", "objection_days": "45", "urgent_notice_days": "70", "authorisation": "general", "note": "Anlage 3"}
    assert client.post(path, values).status_code == 422
    assert client.post(path, values | {"urgent_notice_days": ""}).status_code == 302
    assert "deviation" in client.get("/en/manage/terms/").content.decode()
    client.post(path, {"step": "end"})
    assert TermsDeviation.objects.get().ended_at is not None


def test_the_ledger_is_filtered_exported_and_never_computes(client: Client, told: Any) -> None:
    _announcement, company = told
    type(company).objects.filter(pk=company.pk).update(legal_name="=HYPERLINK(1)")
    Delivery.objects.update(state="failed", sent_at=None, last_error="smtp_550")
    as_staff(client, "admin")
    assert "smtp_550" in client.get("/en/manage/deliveries/?state=failed").content.decode()
    assert "No delivery matches" in client.get("/en/manage/deliveries/?state=sent").content.decode()
    table = client.get("/en/manage/deliveries/deliveries.csv?state=failed").content.decode("utf-8-sig")
    assert len(table.splitlines()) == 2
    assert '"\'=HYPERLINK(1)"' in table
    delivery = Delivery.objects.get()
    client.post(f"/en/manage/deliveries/{delivery.pk}/again/")  # its job has not given up yet
    assert Delivery.objects.get().state == "failed"
    Job.objects.filter(subject=str(delivery.pk)).update(state="dead", last_error="smtp_550", finished_at=timezone.now())
    client.post(f"/en/manage/deliveries/{delivery.pk}/again/")
    delivery.refresh_from_db()
    assert delivery.state == "queued"


@pytest.mark.parametrize("path", ["notices/", "terms/", "deliveries/", "deliveries/deliveries.csv", "notices/new/"])
def test_customers_and_visitors_see_nothing_of_the_desk(client: Client, told: Any, path: str) -> None:
    _announcement, company = told
    assert client.get(f"/en/manage/{path}").status_code == 302
    assert as_owner(client, company).get(f"/en/manage/{path}").status_code == 403


# --- the public -------------------------------------------------------------------------------------------------------------


def test_the_public_reads_of_a_change_when_it_was_told_and_not_before(client: Client) -> None:
    customers.provider()
    notices.register_in_force()
    notices.company(timezone.now())
    quiet = notices.announce(at=timezone.now())
    assert quiet is not None
    path = f"/en/updates/announcements/{quiet.reference}/"
    assert client.get(path).status_code == 404
    for page in ("/en/updates/", "/en/subprocessors/", "/en/updates/feed.atom"):
        assert "Network" not in client.get(page).content.decode()
    telling.tell(quiet.pk, quiet.quiet_until)
    assert "United States" in client.get(path).content.decode()
    for page in ("/en/updates/", "/en/subprocessors/", "/en/updates/feed.atom", "/en/updates/feed.json"):
        assert "Network GmbH" in client.get(page).content.decode()
    assert not client.cookies


def test_the_feeds_name_the_portals_own_address_and_answer_304(client: Client, told: Any) -> None:
    first = client.get("/de/updates/feed.atom", headers={"host": "testserver"})
    assert first["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert f"tag:testserver,2026:announcement-{told[0].reference}" in first.content.decode()
    assert client.get("/de/updates/feed.atom", headers={"if-none-match": first["ETag"]}).status_code == 304
    assert client.get("/de/updates/feed.json").json()["version"] == "https://jsonfeed.org/version/1.1"


def test_updates_are_filtered_by_topic(client: Client, told: Any) -> None:
    page = client.get("/en/updates/?topic=measures").content.decode()
    assert "Network GmbH" not in page
    assert client.get("/en/updates/?topic=nonsense").status_code == 200
