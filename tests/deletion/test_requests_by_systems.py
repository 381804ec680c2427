"""A company's own system asks for the deletion, in the shape of OpenDSR 2.0, and is told how it goes by signed calls."""

from __future__ import annotations

import base64
import datetime
import json
import uuid
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.test import Client
from django.utils import timezone

from customers.models import ApiToken, Customer, Role
from customers.services import issue_token
from deletion import calling, signing, tasks
from deletion.models import ErasureRequest, MachineRequest, RetentionRule, StatusCall
from jobs.models import Job
from jobs.registry import PermanentFailure
from notifications import fetching
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]
BASE = "/api/v1/deletion/"
SOMEBODY = {"identity_type": "controller_customer_id", "identity_value": str(uuid.UUID(int=1)), "identity_format": "raw"}


class System:
    """A company's system with a token; what it hears from the portal is checked against the published key."""

    def __init__(self, company: Customer, scopes: list[str], role: str = Role.OWNER) -> None:
        person = company.people_with(role).first()
        assert person is not None
        expires = timezone.now() + datetime.timedelta(days=30)
        self.company, self.client = company, Client()
        self.token, self.secret = issue_token(
            customer=company, name="system", scopes=scopes, expires_at=expires, by=person, at=timezone.now()
        )

    def call(self, method: str, path: str, content: Any = None) -> Any:
        body = content if isinstance(content, (bytes, str)) else json.dumps(content) if content is not None else ""
        return self.client.generic(
            method, BASE + path, body, content_type="application/json", headers={"authorization": f"Bearer {self.secret}"}
        )

    def body(self, **changes: Any) -> dict[str, Any]:
        identity = {"identity_type": "controller_customer_id", "identity_value": str(self.company.reference), "identity_format": "raw"}
        return {
            "regulation": "gdpr",
            "subject_request_id": str(uuid.uuid4()),
            "subject_request_type": "erasure",
            "subject_identities": [identity],
            "data_return": "waived",
            "api_version": "2.0",
            **changes,
        }


@pytest.fixture
def system() -> System:
    people.provider()
    return System(erasure.account(5)[0], ["deletion:request"])


def public_key() -> Ed25519PublicKey:
    text = Client().get(BASE + "discovery/").json()["signing_keys"][0]["public_key"]
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def is_signed(answer: Any) -> bool:
    try:
        public_key().verify(base64.b64decode(answer["X-OpenDSR-Signature"]), answer.content)
    except InvalidSignature:
        return False
    return True


def test_a_system_asks_and_gets_a_signed_receipt(system: System) -> None:
    body = system.body()
    answer = system.call("POST", "requests/", body)
    assert answer.status_code == 201, answer.content
    receipt = answer.json()
    request = ErasureRequest.objects.get()
    assert receipt["controller_id"] == str(system.company.reference)
    assert receipt["subject_request_id"] == body["subject_request_id"]
    assert receipt["expected_completion_time"].startswith(request.due_date.isoformat())
    assert json.loads(base64.b64decode(receipt["encoded_request"])) == body
    assert is_signed(answer)
    assert answer["X-OpenDSR-Processor-Domain"] == "testserver"
    assert request.not_before > timezone.now() + datetime.timedelta(days=13)  # the grace period of the pages
    changed = answer.content.replace(b"received_time", b"received_Time")
    with pytest.raises(InvalidSignature):
        public_key().verify(base64.b64decode(answer["X-OpenDSR-Signature"]), changed)


def test_the_same_again_gets_the_same_answer_and_other_words_are_refused(system: System) -> None:
    body = system.body()
    first, second = system.call("POST", "requests/", body), system.call("POST", "requests/", body)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    other = system.call("POST", "requests/", {**body, "status_callback_urls": ["https://system.example.com/told"]})
    assert (other.status_code, other.json()["code"]) == (409, "request_differs")
    assert ErasureRequest.objects.count() == MachineRequest.objects.count() == 1


def test_a_number_of_another_company_is_refused_and_not_found(system: System) -> None:
    body = system.body()
    system.call("POST", "requests/", body)
    stranger = System(erasure.account(1)[0], ["deletion:request"])
    taken = stranger.call("POST", "requests/", stranger.body(subject_request_id=body["subject_request_id"]))
    assert taken.status_code == 409
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "certificate/")):
        assert stranger.call(method, f"requests/{body['subject_request_id']}/{path}").status_code == 404
    assert ErasureRequest.objects.get().state == "requested"


@pytest.mark.parametrize(
    "changes",
    [
        {"regulation": "ccpa"},
        {"subject_request_type": "access"},
        {"subject_identities": []},
        {"subject_request_id": "7"},
        {"note": "please delete Erika"},
        {"data_return": ""},
        {"subject_identities": [{**SOMEBODY, "email": "erika@example.com"}]},
        {"status_callback_urls": ["http://system.example.com/"]},
        {"status_callback_urls": ["https://127.0.0.1/"]},
        {"status_callback_urls": ["https://localhost/"]},
        {"status_callback_urls": ["https://a.example.com/"] * 4},
    ],
)
def test_a_request_that_is_not_of_the_shape_is_refused(system: System, changes: dict[str, Any]) -> None:
    answer = system.call("POST", "requests/", system.body(**changes))
    assert answer.status_code == 400, answer.content
    assert not ErasureRequest.objects.exists()


def test_data_that_nobody_downloaded_were_not_taken_along(system: System) -> None:
    answer = system.call("POST", "requests/", system.body(data_return="taken"))
    assert (answer.status_code, answer.json()["code"]) == (409, "export_not_taken")
    assert not ErasureRequest.objects.exists()


def test_what_is_no_json_is_refused(system: System) -> None:
    assert system.call("POST", "requests/", "{").status_code == 400


def test_only_a_token_with_the_scope_of_an_owner_that_names_its_own_company_may_ask(system: System) -> None:
    company = system.company
    identity = [{"identity_type": "controller_customer_id", "identity_value": str(uuid.uuid4()), "identity_format": "raw"}]
    assert system.call("POST", "requests/", system.body(subject_identities=identity)).status_code == 403
    assert System(company, ["agreement:read", "documents:read"]).call("POST", "requests/", system.body()).status_code == 403
    colleague = System(company, ["deletion:request"], role=Role.CHANNEL_OWNER)
    assert colleague.call("POST", "requests/", system.body()).status_code == 403
    browser = Client()
    owner = company.people_with(Role.OWNER).first()
    assert owner is not None
    browser.force_login(owner)
    answer = browser.post(BASE + "requests/", json.dumps(system.body()), content_type="application/json")
    assert answer.status_code in (401, 403)
    assert Client().post(BASE + "requests/", "{}", content_type="application/json").status_code in (401, 403)
    assert not ErasureRequest.objects.exists()


def test_a_request_can_be_taken_back_before_the_erasure_begins(system: System) -> None:
    body = system.body()
    system.call("POST", "requests/", body)
    answer = system.call("DELETE", f"requests/{body['subject_request_id']}/")
    assert (answer.status_code, answer.json()["request_status"]) == (200, "cancelled")
    assert is_signed(answer)
    again = system.call("DELETE", f"requests/{body['subject_request_id']}/")
    assert (again.status_code, again.json()["code"]) == (409, "too_late")


def finish(request: ErasureRequest) -> ErasureRequest:
    long_ago = timezone.now() - datetime.timedelta(days=20)
    ErasureRequest.objects.filter(pk=request.pk).update(requested_at=long_ago, not_before=timezone.now() - datetime.timedelta(days=1))
    return erasure.complete(request)


def test_after_the_end_the_revoked_token_still_reads_status_and_certificate(system: System) -> None:
    body = system.body()
    system.call("POST", "requests/", body)
    path = f"requests/{body['subject_request_id']}/"
    assert system.call("GET", path + "certificate/").status_code == 404
    request = finish(ErasureRequest.objects.get())
    assert not ApiToken.objects.exists()
    status = system.call("GET", path)
    assert status.status_code == 200
    assert (status.json()["request_status"], status.json()["state"]) == ("completed", "completed")
    assert status.json()["results_count"] >= 5
    certificate = system.call("GET", path + "certificate/")
    assert certificate.content == bytes(request.certificates.get().canonical)
    assert is_signed(certificate)
    assert system.call("POST", "requests/", system.body()).status_code == 410
    assert system.call("DELETE", path).status_code == 410


def test_only_a_token_that_could_read_the_request_before_reads_it_behind_the_fence(system: System) -> None:
    body, now = system.body(), timezone.now()
    names = ("weak", "revoked", "expired", "of_nobody")
    others = {name: System(system.company, ["documents:read" if name == "weak" else "deletion:request"]) for name in names}
    leaver = people.colleague(system.company)
    ApiToken.objects.filter(pk=others["revoked"].token.pk).update(revoked_at=now)
    ApiToken.objects.filter(pk=others["expired"].token.pk).update(created_at=now - datetime.timedelta(days=9), expires_at=now)
    ApiToken.objects.filter(pk=others["of_nobody"].token.pk).update(created_by=leaver)
    leaver.memberships.all().delete()
    system.call("POST", "requests/", body)
    path = f"requests/{body['subject_request_id']}/"
    before = {name: each.call("GET", path).status_code for name, each in others.items()}
    assert before == {"weak": 403, "revoked": 401, "expired": 401, "of_nobody": 401}
    finish(ErasureRequest.objects.get())
    for address in (path, path + "certificate/"):
        assert {name: each.call("GET", address).status_code for name, each in others.items()} == dict.fromkeys(names, 410)
        assert system.call("GET", address).status_code == 200


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (datetime.date(2026, 12, 24), "2026-12-24T22:59:59Z"),
        (datetime.date(2026, 7, 1), "2026-07-01T21:59:59Z"),
        (datetime.date(2026, 3, 29), "2026-03-29T21:59:59Z"),
        (datetime.date(2026, 10, 25), "2026-10-25T22:59:59Z"),
    ],
    ids=["winter", "summer", "to summer time", "to winter time"],
)
def test_the_expected_end_is_the_last_second_of_the_due_day_where_the_portal_is(day: datetime.date, end: str) -> None:
    assert calling.end_of(day) == end
    moment = datetime.datetime.fromisoformat(end)
    assert timezone.localdate(moment) == day
    assert timezone.localdate(moment + datetime.timedelta(seconds=1)) == day + datetime.timedelta(days=1)


def test_each_change_is_called_out_once_and_signed_with_time_and_number(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, dict[str, str], bytes]] = []

    def ask(address: str, *, method: str, headers: dict[str, str], body: bytes) -> fetching.Answer:
        heard.append((address, headers, body))
        return fetching.Answer(202, b"", is_cut=False)

    monkeypatch.setattr(fetching, "ask", ask)
    system.call("POST", "requests/", system.body(status_callback_urls=["https://system.example.com/told"]))
    finish(ErasureRequest.objects.get())
    for job in Job.objects.filter(kind=calling.CALL).order_by("pk"):
        tasks.call(job.subject)
        tasks.call(job.subject)  # a second delivery of the message calls nobody
    assert [json.loads(body)["request_status"] for _address, _headers, body in heard] == ["pending", "in_progress", "completed"]
    assert json.loads(heard[-1][2])["results_count"] >= 5
    key, numbers = public_key(), set()
    for _address, headers, body in heard:
        signed = b".".join([headers["X-OpenDSR-Timestamp"].encode(), headers["X-OpenDSR-Delivery"].encode(), body])
        key.verify(base64.b64decode(headers["X-OpenDSR-Signature"]), signed)
        with pytest.raises(InvalidSignature):  # under another number or at another time it is not genuine
            key.verify(base64.b64decode(headers["X-OpenDSR-Signature"]), signed.replace(headers["X-OpenDSR-Delivery"].encode(), b"x"))
        numbers.add(headers["X-OpenDSR-Delivery"])
    assert len(numbers) == 3
    ended = ErasureRequest.objects.get().finished_at
    assert ended is not None
    last = RetentionRule.objects.get(dataset="deletion.statuscall").ends(ended)
    noon = timezone.make_aware(datetime.datetime.combine(last, datetime.time(12)))
    assert calling.forget(noon) == 0
    assert calling.forget(noon + datetime.timedelta(days=1)) == 1
    assert not StatusCall.objects.exists()
    assert MachineRequest.objects.get().callback_urls == []


def test_a_system_that_does_not_answer_is_called_again_and_one_that_may_not_be_called_never(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.call("POST", "requests/", system.body(status_callback_urls=["https://system.example.com/told"]))
    number = str(StatusCall.objects.get().pk)
    monkeypatch.setattr(fetching, "ask", lambda *_arguments, **_options: fetching.Answer(500, b"", is_cut=False))
    with pytest.raises(calling.NotTaken):
        tasks.call(number)

    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise fetching.AddressRefused("not_public")

    monkeypatch.setattr(fetching, "ask", refuse)
    with pytest.raises(PermanentFailure):
        tasks.call(number)
    assert StatusCall.objects.get().delivered_at is None


def test_keys_of_before_a_rotation_are_still_published(settings: Any) -> None:
    before = signing.public_keys()[0]
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "y" * 60
    keys = signing.public_keys()
    assert len(keys) == 2
    assert keys[0] != before
    assert keys[1] == before


def test_the_schema_of_the_api_names_the_requests(client: Client) -> None:
    schema = client.get("/api/v1/schema/", headers={"accept": "application/json"}).content.decode()
    assert "deletion/requests/" in schema
