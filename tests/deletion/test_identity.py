"""Who asked: the sender is asked once and for a reason, whoever had the doubt, the desk or the portal itself."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import User
from deletion import answers, services
from deletion.models import CaseFile
from notifications.messages import compose
from notifications.models import Delivery
from tests.deletion.test_contract_end import cancelled
from tests.deletion.test_desk import signed_in
from tests.factories import customers as people
from tests.factories import requests

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
QUESTION = "case_letter:question"


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


@pytest.fixture
def support() -> User:
    return people.staff("support")


def questions() -> int:
    return Delivery.objects.filter(key__startswith=QUESTION).count()


def of_a_stranger() -> CaseFile:
    return requests.recorded(email="stranger@example.org", language="en")


def test_a_stranger_whose_letter_is_in_doubt_is_asked_once_after_a_look_at_the_letter(client: Client, support: User) -> None:
    case, desk = of_a_stranger(), signed_in(client, support)
    verify, ask = (f"/en/desk/requests/{case.reference}/{act}/" for act in ("verify", "ask"))
    assert ask in desk.get(verify).content.decode()
    assert "We do not know whether you own the account" in desk.get(ask).content.decode()
    assert questions() == 0
    desk.post(ask, {"confirmed": "1"})
    assert questions() == 1
    case.refresh_from_db()
    assert (case.identity, case.doubt) == ("open", CaseFile.Doubt.NO_AUTHORITY)
    assert ask not in desk.get(verify).content.decode()
    assert "Nothing is open about the identity" in desk.post(ask, {"confirmed": "1"}, follow=True).content.decode()
    assert case.events.filter(code="identity.doubted").count() == questions() == 1


def test_who_cancelled_on_the_public_page_is_asked_as_well(support: User) -> None:
    cancelled()
    services.ask(case=CaseFile.objects.get(), by=support, at=timezone.now())
    assert questions() == 1


def test_nobody_is_asked_without_a_doubt_or_about_a_mailbox_that_the_receipt_asks_for(support: User) -> None:
    unconfirmed, _code = requests.asked(kind="person_access", identifier="")
    for case in (requests.recorded(), unconfirmed, requests.recorded(email="", source="phone")):
        with pytest.raises(services.NothingToDoubt):
            services.ask(case=case, by=support, at=timezone.now())
    assert questions() == 0


def test_who_may_not_decide_about_identity_asks_nobody(client: Client) -> None:
    case = of_a_stranger()
    staff = people.staff("editor")
    assert signed_in(client, staff).post(f"/en/desk/requests/{case.reference}/ask/").status_code == 403
    assert questions() == 0


@pytest.mark.parametrize("language", ["de", "en"])
def test_letters_speak_to_the_reader_and_not_about_the_sender(support: User, language: str) -> None:
    case = requests.recorded(language=language)
    written = []
    for doubt in CaseFile.Doubt:
        case.doubt = doubt
        written += answers.question(case).paragraphs
    for reason in CaseFile.Refusal:
        written += answers.refusal(case, reason=reason, explanation="").paragraphs
    for extension in CaseFile.Extension:
        written += answers.extension(case, reason=extension, due_date=case.due_date).paragraphs
    text = "\n".join(written)
    for stranger in ("Absender", "die Person", "dieser Person", "Der Kunde", "the sender", "The sender", "the person", "this person"):
        assert stranger not in text
    assert {"de": "Wir kennen von Ihnen eine andere Adresse", "en": "We know another address of you"}[language] in text


def test_an_answer_to_a_letter_reaches_the_provider(support: User) -> None:
    provider = people.provider()
    case = of_a_stranger()
    services.ask(case=case, by=support, at=timezone.now())
    assert compose(Delivery.objects.get(key__startswith=QUESTION)).reply_to == [provider.email]
    assert compose(Delivery.objects.filter(key__startswith="case_letter:staff").latest("created_at")).reply_to == []
