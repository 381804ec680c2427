"""Sending: once, recognisably, in the reader's language; a failure is seen, tried again where that helps, and stops nobody else."""

from __future__ import annotations

import smtplib
import threading
import time
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from jobs import execution
from jobs.models import Job
from jobs.registry import PermanentFailure
from notifications import sending, services
from notifications.models import Delivery
from pdf import storage
from tests.factories import customers, registers

REFUSED = smtplib.SMTPRecipientsRefused({"erika@example.com": (550, b"no such mailbox erika@example.com")})
BUSY = smtplib.SMTPRecipientsRefused({"erika@example.com": (451, b"try later")})


def tell(number: int = 1, **changes: Any) -> Delivery:
    message = {"to": "erika@example.com", "kind": "greeting", "language": "de", "context": {"name": "Erika"}, "key": f"greeting:{number}"}
    return services.tell(**{**message, **changes})


def run_job(delivery: Delivery) -> Job:
    """Do the delivery's job as a worker does, at once whatever its next attempt is due, and return what became of it."""
    job = Job.objects.get(key=f"send:{delivery.key}")
    Job.objects.filter(pk=job.pk, state="waiting").update(run_after=registers.AT)
    execution.run(job.pk)
    job.refresh_from_db()
    delivery.refresh_from_db()
    return job


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
    """A mail server that answers with the error set for a recipient, and takes every other mail."""
    answers: dict[str, Exception] = {}
    deliver = EmailBackend.send_messages

    def send_messages(self: EmailBackend, messages: list[Any]) -> int:
        for message in messages:
            if message.to[0] in answers:
                raise answers[message.to[0]]
        return deliver(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    return answers


@pytest.mark.django_db
def test_a_delivery_is_sent_once_however_often_its_job_runs() -> None:
    delivery = tell()
    for _repeated in range(3):
        sending.send(delivery.pk, registers.AT)
    assert len(mail.outbox) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.sent_at, delivery.attempts, delivery.last_error) == ("sent", registers.AT, 1, "")


@pytest.mark.django_db
def test_what_a_mail_said_is_forgotten_once_it_went_out_and_kept_for_every_attempt_until_then(server: dict[str, Exception]) -> None:
    delivery = tell(context={"name": "Erika", "action_url": "http://testserver/de/agreement/i/a-secret-link/"})
    server["erika@example.com"] = BUSY
    run_job(delivery)
    assert delivery.state == "queued"
    assert delivery.context["action_url"].endswith("/a-secret-link/")
    del server["erika@example.com"]
    run_job(delivery)
    assert (delivery.state, delivery.context) == ("sent", {})
    assert "Erika" in mail.outbox[0].body


@pytest.mark.django_db
def test_a_refused_mail_keeps_what_it_says_until_it_is_sent_again(server: dict[str, Exception]) -> None:
    delivery = tell()
    server["erika@example.com"] = REFUSED
    run_job(delivery)
    assert (delivery.state, delivery.context) == ("failed", {"name": "Erika"})
    del server["erika@example.com"]
    services.send_again(delivery=delivery)
    run_job(delivery)
    assert (delivery.state, delivery.context) == ("sent", {})
    assert "Erika" in mail.outbox[0].body


@pytest.mark.django_db
def test_an_erased_delivery_is_not_sent() -> None:
    delivery = tell()
    Delivery.objects.all().delete()
    sending.send(delivery.pk, registers.AT)
    assert mail.outbox == []


@pytest.mark.django_db
def test_the_mail_carries_its_own_message_id_and_says_that_nobody_wrote_it(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "portal@example.com"
    delivery = tell()
    sending.send(delivery.pk, registers.AT)
    message = mail.outbox[0].message()
    assert message["Message-ID"] == delivery.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert (message["From"], message["To"]) == ("portal@example.com", "erika@example.com")
    assert message["Content-Language"] == "de"


@pytest.mark.django_db
def test_a_mail_whose_sending_was_not_written_down_goes_out_again_under_the_same_message_id(monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = tell()
    monkeypatch.setattr(sending, "settle", lambda *_arguments: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        sending.send(delivery.pk, registers.AT)
    monkeypatch.undo()
    sending.send(delivery.pk, registers.AT)
    first, second = (sent.message()["Message-ID"] for sent in mail.outbox)
    assert first == second


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_mail_is_in_the_language_of_the_delivery_whatever_the_worker_speaks(language: str) -> None:
    sending.send(tell(language=language).pk, registers.AT)
    assert f"Erika – {language} – http://testserver" in mail.outbox[0].body


@pytest.mark.django_db
def test_values_stay_plain_in_text_and_are_escaped_in_html() -> None:
    sending.send(tell(context={"name": "<b>Müller & Söhne</b>"}).pk, registers.AT)
    sent = mail.outbox[0]
    assert "<b>Müller & Söhne</b>" in sent.body
    assert sent.subject.endswith("<b>Müller & Söhne</b>")
    assert "&lt;b&gt;Müller &amp; Söhne&lt;/b&gt;" in sent.alternatives[0][0]


HEADER_PAYLOADS = [
    "x\r\nBcc: evil@example.com",
    "x\nBcc: evil@example.com",
    "x\rBcc: evil@example.com",
    "x\u2028Bcc: evil@example.com",
    "x\x1b\x0b\x0cBcc: evil@example.com",
    "x\r\n\r\n<h1>",
]


@pytest.mark.django_db
@pytest.mark.parametrize("payload", HEADER_PAYLOADS)
def test_a_value_cannot_start_another_header(payload: str) -> None:
    content = storage.keep(b"%PDF")
    sending.send(tell(context={"name": payload}, attachments=[(content, f"{payload}.pdf")]).pk, registers.AT)
    message = mail.outbox[0].message()
    assert "Bcc" not in message
    assert mail.outbox[0].recipients() == ["erika@example.com"]
    assert not any("\n" in str(part.get_filename() or "") for part in message.walk())


@pytest.mark.django_db
def test_attachments_come_from_the_store_under_their_name() -> None:
    content = storage.keep(b"%PDF agreement")
    sending.send(tell(attachments=[(content, "AVV_1.0_de.pdf")]).pk, registers.AT)
    assert mail.outbox[0].attachments[0] == ("AVV_1.0_de.pdf", b"%PDF agreement", "application/pdf")


@pytest.mark.django_db
def test_the_provider_is_known_to_every_mail() -> None:
    provider = customers.provider()
    sending.send(tell().pk, registers.AT)
    assert provider.service_name in mail.outbox[0].body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "code"),
    [(REFUSED, "smtp_550"), (smtplib.SMTPDataError(554, b"spam"), "smtp_554")],
)
def test_what_the_server_refuses_for_good_fails_at_once_and_is_seen(server: dict[str, Exception], error: Exception, code: str) -> None:
    server["erika@example.com"] = error
    delivery = tell()
    job = run_job(delivery)
    assert (delivery.state, delivery.last_error, delivery.attempts, delivery.sent_at) == ("failed", code, 1, None)
    assert (job.state, job.last_error) == ("dead", code)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BUSY, "smtp_451"),
        (smtplib.SMTPDataError(452, b"full"), "smtp_452"),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), "smtp_535"),
        (smtplib.SMTPSenderRefused(550, b"no", "portal@example.com"), "smtp_550"),
        (smtplib.SMTPServerDisconnected("gone"), "connection"),
        (ConnectionRefusedError(), "connection"),
        (TimeoutError(), "connection"),
        (RuntimeError("erika@example.com"), "RuntimeError"),
    ],
)
def test_what_may_pass_is_tried_again(server: dict[str, Exception], error: Exception, code: str) -> None:
    server["erika@example.com"] = error
    delivery = tell()
    job = run_job(delivery)
    assert (delivery.state, delivery.last_error, delivery.attempts) == ("queued", code, 1)
    assert job.state == "waiting"
    assert "erika" not in job.last_error
    server.clear()
    assert run_job(delivery).state == "done"
    assert (delivery.state, delivery.last_error, delivery.attempts) == ("sent", "", 2)
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_retries_come_to_an_end_and_the_failure_is_seen(server: dict[str, Exception]) -> None:
    server["erika@example.com"] = BUSY
    delivery = tell()
    states = [run_job(delivery).state for _attempt in range(execution.MOST_ATTEMPTS)]
    assert states == ["waiting"] * (execution.MOST_ATTEMPTS - 1) + ["dead"]
    assert (delivery.state, delivery.last_error) == ("failed", "smtp_451")


@pytest.mark.django_db
def test_one_failure_does_not_stop_the_others(server: dict[str, Exception]) -> None:
    server["erika@example.com"] = REFUSED
    deliveries = [tell(1, to="a@example.com"), tell(2), tell(3, to="b@example.com")]
    for delivery in deliveries:
        run_job(delivery)
    assert [delivery.state for delivery in deliveries] == ["sent", "failed", "sent"]
    assert [sent.to for sent in mail.outbox] == [["a@example.com"], ["b@example.com"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"), [({"kind": "unwritten"}, "template_missing"), ({"attachments": [("0" * 64, "gone.pdf")]}, "attachment_missing")]
)
def test_a_mail_that_cannot_be_made_fails_at_once(changes: dict[str, Any], code: str) -> None:
    delivery = tell(**changes)
    with pytest.raises(PermanentFailure, match=code):
        sending.send(delivery.pk, registers.AT)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == ("failed", code)


@pytest.mark.django_db
def test_a_failed_delivery_can_be_sent_again_with_all_its_attempts(server: dict[str, Exception]) -> None:
    server["erika@example.com"] = REFUSED
    delivery = tell()
    run_job(delivery)
    server.clear()
    services.send_again(delivery=delivery)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("queued", 0)
    assert run_job(delivery).state == "done"
    assert (delivery.state, len(mail.outbox)) == ("sent", 1)


@pytest.mark.django_db
def test_only_a_failed_delivery_can_be_sent_again() -> None:
    delivery = tell()
    with pytest.raises(services.NotFailed):
        services.send_again(delivery=delivery)
    run_job(delivery)
    with pytest.raises(services.NotFailed):
        services.send_again(delivery=delivery)


@pytest.mark.django_db
def test_only_a_sent_mail_can_come_back() -> None:
    delivery = tell()
    with pytest.raises(services.NotSentYet):
        services.note_bounce(delivery=delivery)
    run_job(delivery)
    assert services.note_bounce(delivery=delivery).state == "bounced"
    sending.send(delivery.pk, registers.AT)
    assert len(mail.outbox) == 1


def test_two_workers_never_send_the_same_mail_at_once(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    def slowly(_self: EmailBackend, messages: list[Any]) -> int:
        time.sleep(0.3)
        taken.extend(message.extra_headers["Message-ID"] for message in messages)
        return len(messages)

    def work() -> None:
        try:
            sending.send(delivery.pk, registers.AT)
        finally:
            connection.close()

    monkeypatch.setattr(EmailBackend, "send_messages", slowly)
    delivery = tell()
    workers = [threading.Thread(target=work) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert taken == [delivery.message_id]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("sent", 1)
