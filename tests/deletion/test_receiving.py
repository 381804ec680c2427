"""The public form: one receipt under one address, however often the form is sent; who could know an identifier is asked before the act."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from customers.models import ChannelType, User
from deletion import intake, services
from deletion.models import CaseFile
from deletion.models.cases import CaseFileQuerySet
from notifications.messages import compose
from notifications.models import Delivery
from tests.deletion.test_desk import signed_in
from tests.factories import customers as people
from tests.factories import requests, subscribers

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]
DEVICE = "https://push.example/device-canary"
NEW = "/en/requests/new/"


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


@pytest.fixture
def support() -> User:
    return people.staff("support")


def form_of(client: Client, **changes: str) -> dict[str, str]:
    """Return the form's values as a browser would send them after somebody filled it in."""
    secret = re.search(r'name="secret" value="([^"]+)"', client.get(NEW).content.decode())
    assert secret
    return {"kind": "subscriber_erasure", "email": "visitor@example.com", "identifier": DEVICE, "secret": secret[1], **changes}


def messenger() -> str:
    return ChannelType.objects.filter(kind=ChannelType.Kind.MESSENGER)[0].key


def receipt(client: Client, **changes: str) -> str:
    answer = client.post(NEW, form_of(client, **changes), follow=True)
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


def test_the_confirmation_holds_reference_deadline_and_status_page(client: Client) -> None:
    page, case = receipt(client), CaseFile.objects.get()
    for words in (case.reference, f"/en/requests/{case.reference}/", "We answer by", "visitor@example.com"):
        assert words in page
    mail = compose(Delivery.objects.get(key__startswith="case_letter:received")).body
    for words in (case.reference, f"/en/requests/{case.reference}/"):
        assert words in mail
    assert "canary" not in mail


def test_a_form_that_is_sent_twice_makes_one_request_with_one_code(client: Client) -> None:
    given = form_of(client)
    first, second = (client.post(NEW, given) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    case = CaseFile.objects.get()
    assert Delivery.objects.filter(recipient="visitor@example.com").count() == 1
    assert case.reference in client.get(first["Location"]).content.decode(), "the receipt can be opened again"


def test_two_clicks_at_the_same_moment_make_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {"secret": "s" * 22, "at": timezone.now()}
    given["asked"] = intake.Asked(kind="person_access", source="public", email="visitor@example.com")
    first, looked, look = services.receive_request(**given), [], CaseFileQuerySet.exists

    def too_early(rows: CaseFileQuerySet) -> bool:
        looked.append(rows)
        return len(looked) > 1 and look(rows)

    monkeypatch.setattr(CaseFileQuerySet, "exists", too_early)
    assert services.receive_request(**given) == first
    assert CaseFile.objects.count() == 1


def test_the_receipt_is_found_by_its_secret_alone_and_for_thirty_days(client: Client) -> None:
    address = client.post(NEW, form_of(client))["Location"]
    assert "canary" not in address
    assert "visitor" not in address
    for other in ("x", "A" * 22, CaseFile.objects.get().secret_sha256):
        assert client.get(f"/en/requests/received/{other}/").status_code == 404
    before = timezone.now() - datetime.timedelta(days=31)
    CaseFile.objects.update(recorded_at=before, received_at=before)
    assert client.get(address).status_code == 404


def test_the_answer_is_the_same_whether_or_not_anything_is_stored(client: Client) -> None:
    subscribers.subscribe(people.customer(), DEVICE, messenger())
    pages = []
    for identifier in (DEVICE, "unknown"):
        page = receipt(client, identifier=identifier)
        pages.append(page.replace(CaseFile.objects.latest("pk").reference, ""))
    assert re.sub(r"received/[^/]+/", "", pages[0]) == re.sub(r"received/[^/]+/", "", pages[1])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"secret": "x"}, "secret"),
        ({"kind": ""}, "kind"),
        ({"identifier": " "}, "identifier"),
        ({"email": "x"}, "email"),
        ({"kind": "account"}, "kind"),
    ],
)
def test_an_incomplete_form_says_what_to_do(client: Client, changes: dict[str, str], field: str) -> None:
    answer = client.post(NEW, form_of(client, **changes))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert not CaseFile.objects.exists()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [({"secret_sha256": "no hash"}, "deletion_case_secret_is_a_hash"), ({"secret_sha256": "0" * 64}, "deletion_case_received_once")],
)
def test_the_database_takes_a_receipt_once_and_by_its_hash(changes: dict[str, Any], constraint: str) -> None:
    case, _code = requests.asked()
    CaseFile.objects.filter(pk=requests.asked(identifier="other")[0].pk).update(secret_sha256="0" * 64)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CaseFile.objects.filter(pk=case.pk).update(**changes)


# --- the language of the letters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "of_company", "written"), [("en", "de", "en"), ("", "en", "en"), ("", "de", "de")])
def test_letters_about_a_recorded_request_are_in_the_persons_language_and_not_the_employees(
    client: Client, support: User, language: str, of_company: str, written: str
) -> None:
    company = people.customer(language=of_company)
    given = {"kind": "account", "source": "letter", "company": str(company.reference), "email": "who@example.org", "language": language}
    given |= {"received_date": timezone.localdate().isoformat(), "data_return": "waived"}
    other = "de" if written == "en" else "en"
    assert signed_in(client, support).post(f"/{other}/desk/requests/new/", given).status_code == 302
    assert CaseFile.objects.get().language == written
    assert Delivery.objects.get(recipient="who@example.org").language == written


# --- numbers that others know -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", ["+49 171 1234567", "0171/1234567", "4711", "-1001234567890", "(0171) 12 34 567", "@erika"])
def test_who_gives_a_number_that_others_know_has_not_proven_to_be_the_subscriber(client: Client, support: User, identifier: str) -> None:
    page = receipt(client, kind="subscriber_access", identifier=identifier)
    case = CaseFile.objects.get()
    assert (case.identity, case.doubt) == ("open", CaseFile.Doubt.NUMBER)
    assert "Others can know a phone or chat number as well" in page
    assert "confirm that the mailbox" not in page
    assert services.confirm_mailbox(case=case, at=timezone.now()).identity == "open", "a mailbox says nothing about the number"
    with pytest.raises(services.IdentityOpen):
        services.approve(case=case, by=support, at=timezone.now())
    services.ask(case=case, by=support, at=timezone.now())
    case = services.settle_identity(case=case, proof="channel", by=support, at=timezone.now())
    assert services.approve(case=case, by=support, at=timezone.now()).approved_at is not None


@pytest.mark.parametrize(
    "identifier", [DEVICE, "fcm:APA91bH-token_4711", "740f4707 bebcf74f 9b7c25d4 8e3358945f6aa01da5ddb387462c7eaf61bb78ad"]
)
def test_whose_device_says_the_identifier_is_not_asked(identifier: str) -> None:
    assert requests.asked(identifier=identifier)[0].identity == CaseFile.Identity.CLEAR


def test_an_identifier_of_a_messenger_is_not_acted_on_before_somebody_made_sure(client: Client, support: User) -> None:
    subscribers.subscribe(people.customer(), "chat-erika", messenger())
    case, _code = requests.asked(identifier="chat-erika")
    desk, address = signed_in(client, support), f"/en/desk/requests/{case.reference}/"
    assert "This identifier belongs to a messenger" in desk.get(f"{address}approve/").content.decode()
    with pytest.raises(services.IdentityOpen):
        services.approve(case=case, by=support, at=timezone.now())
    desk.post(f"{address}verify/", {"reason": "number", "confirmed": "1"})
    desk.post(f"{address}verify/", {"proof": "channel"})
    case.refresh_from_db()
    assert (case.identity, case.proof) == ("proven", "channel")
    assert services.approve(case=case, by=support, at=timezone.now()).approved_at is not None
