"""Letters lead their reader to a page that opens, name days as the calendar in Berlin does, and are in one language from end to end."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from customers.models import User
from deletion import letters, services
from deletion.models import CaseFile
from notifications.messages import compose
from notifications.models import Delivery
from tests.deletion.test_contract_end import cancelled
from tests.deletion.test_erasure_requests import sign_in
from tests.factories import customers as people
from tests.factories import registers, requests

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NOW = datetime.datetime(2026, 11, 23, 23, 30, tzinfo=datetime.UTC)  # half past midnight of the 24th in Berlin


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


@pytest.fixture
def support() -> User:
    return people.staff("support")


def letter(kind: str) -> str:
    return compose(Delivery.objects.get(key__startswith=f"case_letter:{kind}")).body.replace("\xa0", " ")


def test_the_receipt_names_the_day_on_which_the_request_came_in_berlin() -> None:
    requests.recorded(at=NOW, language="en")
    assert "We received your request on 24 November 2026" in letter("received")


def test_owners_are_led_to_their_own_page_of_the_deletion(client: Client, support: User) -> None:
    company = people.customer(language="en")
    owner = people.owner(company)
    case = services.request_erasure(customer=company, by=owner, at=timezone.now()).case_file
    services.extend(case=case, reason="complex", by=support, at=timezone.now())
    text, page = letter("extension"), f"/en/account/delete/{case.reference}/"
    assert page in text
    assert "/requests/" not in text
    assert "because you own the account" in text
    assert sign_in(client, owner).get(page).status_code == 200


def test_who_cancelled_is_led_to_no_page_that_asks_for_a_code_nobody_sent(support: User) -> None:
    cancelled()
    services.ask(case=CaseFile.objects.get(), by=support, at=timezone.now())
    text = letter("question")
    assert "/requests/" not in text
    assert "for the confirmation of a cancellation" in text


def test_who_got_a_code_is_led_to_the_page_that_takes_it() -> None:
    case, _code = requests.asked(language="en")
    assert f"/en/requests/{case.reference}/" in letter("received")


def test_a_mail_to_a_subprocessor_is_english_in_whatever_language_the_deletion_began() -> None:
    company = people.customer()
    request = services.request_erasure(customer=company, by=people.owner(company), at=timezone.now())
    registers.publish_subprocessors(registers.draft_subprocessors())
    with override("de"):
        letters.tell_subprocessors(request, at=datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC))
    mails = [compose(row) for row in Delivery.objects.filter(kind=letters.TO_SUBPROCESSOR)]
    assert mails
    for mail in mails:
        assert "by 10 December 2026" in mail.body.replace("\xa0", " ")
        assert mail.reply_to == [people.provider().email]
