"""Nothing that stays repeats what was erased: certificates, the ledger, events, files of the desk, notices, logs, messages.

Not looked into: who asked and where the certificate is sent (thirty days), notes of staff, and agreements that are kept (test_retention.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import evidence.services
from customers.models import Provider
from deletion import letters, services, tasks
from deletion.connectors import Permanent
from deletion.connectors.files import FileConnector
from deletion.models import CaseFile, CasePerson, ErasureRequest, HandWork, SubprocessorNotice
from jobs import dispatch
from jobs.models import Job
from notifications.messages import compose
from notifications.models import Delivery
from tests.factories import agreement, erasure, requests, subscribers
from tests.factories import customers as people
from tests.factories.erasure import CANARY
from tests.pdf import reading

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]
OF_AN_ERASURE = (
    "deletion_erasurerequest",
    "deletion_erasurestep",
    "deletion_erasureevent",
    "deletion_erasurecertificate",
    "deletion_erasurefence",
    "deletion_tombstone",
    "deletion_subprocessornotice",
    "deletion_casefile",
    "deletion_caseevent",
    "evidence_event",
    "jobs_job",
)
OF_A_PERSON = ("deletion_casefile", "deletion_caseevent", "evidence_event", "jobs_job")
LEDGER = ("deletion_ledger_entry", "deletion_ledger_certificate")


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=0)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.__dict__}")


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Every line that anything logs, at any level."""
    handler, root = Lines(), logging.getLogger()
    names = ["", "deletion", "jobs", "django", "django.db.backends", "celery"]
    levels = {name: logging.getLogger(name).level for name in names if name != "django.db.backends"}
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield handler.lines
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every message to the workers."""
    messages: list[Any] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda *arguments, **options: messages.append((arguments, options)))
    return messages


def rows_of(table: str, alias: str = "default") -> str:
    """Return all rows as one text; what is stored as bytes is read as text."""
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        values = [value for row in cursor.fetchall() for value in row]
    return " ".join(bytes(value).decode(errors="replace") if isinstance(value, memoryview) else str(value) for value in values)


def told(lines: list[str], sent: list[Any]) -> dict[str, str]:
    """Return logs and messages, with a line of each that says that they were listened to."""
    Job.objects.update(dispatched_at=None)
    dispatch.relay()  # what is sent after a commit is not sent in a test
    logging.getLogger("deletion").info("heard")
    assert "heard" in lines[-1]
    assert sent
    assert configured.CELERY_TASK_IGNORE_RESULT  # there are no results to look into
    assert not getattr(configured, "CELERY_RESULT_BACKEND", "")
    return {"logs": "\n".join(lines), "messages": repr(sent)}


def stored(tables: tuple[str, ...], ledger: tuple[str, ...] = ()) -> dict[str, str]:
    return {table: rows_of(table) for table in tables} | {table: rows_of(table, "ledger") for table in ledger}


def papers_of(request: ErasureRequest, client: Client) -> dict[str, str]:
    """Return the certificate as data, as the PDF that was drawn, and as the page on which anybody checks it."""
    certificate = request.certificates.get()
    signature = letters.signature_of(request.reference)
    drawn = client.get(reverse("deletion_certificate", args=[request.reference, signature, certificate.reference, "pdf"])).content
    return {
        "certificate": bytes(certificate.canonical).decode(),
        "pages of the PDF": "".join("".join(lines) for lines in reading.lines_of(drawn)),
        "attachments of the PDF": b" ".join(reading.attachments_of(drawn).values()).decode(),
        "whole PDF": reading.searchable(drawn),
        "page": client.get(f"/v/{certificate.reference}/").content.decode(),
    }


def hits(places: dict[str, str]) -> list[str]:
    """Return where the canary or an address of the account stands; each place has to hold something, or it was not looked into."""
    assert all(places.values()), [name for name, text in places.items() if not text]
    return [name for name, text in places.items() if CANARY in text or "@example" in text]


def due() -> ErasureRequest:
    company, owner = erasure.account(4)
    agreement.accept(company, owner, agreement.published())
    return erasure.due(company, owner)


def test_no_canary_of_an_erasure_stays(client: Client, lines: list[str], sent: list[Any]) -> None:
    people.provider()
    reference = due().reference
    tasks.keep_going()
    tasks.advance(f"{reference}/1")
    request = erasure.complete(ErasureRequest.objects.get(reference=reference))
    assert hits(told(lines, sent) | stored(OF_AN_ERASURE, LEDGER) | papers_of(request, client)) == []


def test_no_canary_of_a_request_on_the_desk_stays(
    client: Client, lines: list[str], sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all that a file can gather: a proof of identity, a step that failed and was done by hand, its second signature."""
    people.provider()
    company, owner = erasure.account(4)
    agreement.accept(company, owner, agreement.published())
    support, second = people.staff("support"), people.staff("support")
    case = requests.proven(requests.recorded(company, message=f"{CANARY}: please delete everything"))
    case = services.run(case=services.approve(case=case, by=support, at=timezone.now()), by=support, at=timezone.now())
    assert case.erasure is not None

    def refuses(*_arguments: Any) -> None:
        raise Permanent

    with monkeypatch.context() as broken:
        broken.setattr(FileConnector, "erase", refuses)
        request = erasure.run(ErasureRequest.objects.get(pk=case.erasure.pk))
    step = request.steps.get(store="files")
    assert (request.state, step.state) == ("blocked", "failed")
    entered = {"case": case, "ordinal": step.ordinal, "at": timezone.now()}
    services.enter_hand_work(**entered, reason="direct", proof_sha256="0" * 64, by=support)
    FileConnector().erase(erasure_scope(request), "", 100)  # the planted record goes by hand as well
    services.confirm_hand_work(**entered, by=second)
    request = erasure.complete(request)
    assert request.state == ErasureRequest.State.COMPLETED
    assert HandWork.objects.count() == 1
    places = stored((*OF_AN_ERASURE, "deletion_handwork"), LEDGER)
    assert hits(told(lines, sent) | places | papers_of(request, client)) == []


def erasure_scope(request: ErasureRequest) -> Any:
    from deletion.freezing import scope_for_stores

    return scope_for_stores(request)


def test_no_canary_of_a_subscriber_stays(lines: list[str], sent: list[Any]) -> None:
    people.provider()
    company, identifier = people.customer(legal_name="Muster Verlag"), f"https://push.example/{CANARY}"
    people.owner(company)
    now = timezone.now()
    for each in (identifier, "another"):
        subscribers.subscribe(company, each, at=now)
    (case, _code), support = requests.asked(identifier=identifier), people.staff("support")
    assert CANARY in rows_of("deletion_caseperson")
    services.approve(case=case, by=support, at=now)
    case = services.run(case=case, by=support, at=now)
    assert case.state == CaseFile.State.COMPLETED
    assert CasePerson.objects.filter(case=case).exists()
    assert hits(told(lines, sent) | stored(OF_A_PERSON, ("customers_ledger_erasure",))) == []
    # Who asked is still told for thirty days; the identifier stands in none of it.
    beside = stored(("deletion_caseperson", "subscriptions_subscription", "subscriptions_suppression", "notifications_delivery"))
    letters_sent = {row.key: compose(row).body for row in Delivery.objects.all()}
    assert len(letters_sent) >= 3  # received, completed, and the controller's
    assert [name for name, text in (beside | letters_sent).items() if CANARY in text] == []


def test_the_scan_hears_what_is_planted(client: Client, lines: list[str], sent: list[Any]) -> None:
    people.provider()
    Provider.objects.update(legal_name=f"{CANARY} Provider")  # stands on every paper
    request = erasure.complete(due())
    assert hits(papers_of(request, client)) == ["certificate", "pages of the PDF", "attachments of the PDF", "whole PDF", "page"]
    for name in ("deletion_erasurecertificate", "deletion_ledger_certificate"):  # bytes are read as text
        assert name in hits(stored(OF_AN_ERASURE, LEDGER))
    SubprocessorNotice.objects.update(subprocessor=f"somebody@example.{CANARY}")
    Job.objects.create(kind="test", key=CANARY, subject="x")
    evidence.services.record(kind="test.canary", facts={"name": CANARY}, subject="test", happened_at=timezone.now())
    logging.getLogger("deletion").info(CANARY)
    sent.append(CANARY)
    found = hits(told(lines, sent) | stored(OF_AN_ERASURE))
    assert {"logs", "messages", "deletion_subprocessornotice", "jobs_job", "evidence_event"} <= set(found)
