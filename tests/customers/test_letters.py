"""Mails of the login leave the request at once, readable by nobody until the worker has sent them."""

from __future__ import annotations

import datetime
import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone, translation

from customers import letters, services
from customers.models import SealedLetter, User
from customers.services.letters import post
from jobs.models import Job
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


def letter() -> EmailMultiAlternatives:
    return letters.letter_of(subject="Sign in", text="Follow this link:\n\nhttp://testserver/de/secret-way/", to="erika@example.com")


def test_what_waits_can_be_read_by_nobody_and_the_job_names_a_number_alone() -> None:
    row = post(letter=letter(), at=timezone.now())
    stored = SealedLetter.objects.values_list("sealed", flat=True).get()
    assert "erika" not in stored
    assert "secret-way" not in stored
    assert Job.objects.get(kind="customers.send_letter").subject == str(row.pk)


def test_a_letter_is_sent_in_its_language_and_then_forgotten() -> None:
    with translation.override("de"):
        row = post(letter=letter(), at=timezone.now())
    with translation.override("en"):
        letters.send_sealed(row.pk)
        letters.send_sealed(row.pk)
    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("Sign in", ["erika@example.com"])
    assert isinstance(sent, EmailMultiAlternatives)
    assert 'lang="de"' in str(sent.alternatives[0].content)
    assert not SealedLetter.objects.exists()


def test_a_mail_server_that_is_down_keeps_the_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    row = post(letter=letter(), at=timezone.now())

    def refuse(_letter: EmailMultiAlternatives) -> int:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as down:
        down.setattr(EmailMultiAlternatives, "send", refuse)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            letters.send_sealed(row.pk)
    letters.send_sealed(row.pk)
    assert len(mail.outbox) == 1


def test_asking_for_a_new_password_meets_no_mail_server(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    people.provider()
    user = people.person()
    monkeypatch.setattr(services, "post", post)  # the worker is away
    assert client.post("/de/password/reset/", {"email": user.email}).status_code == 302
    assert mail.outbox == []
    assert SealedLetter.objects.count() == 1


def test_letters_that_nobody_could_deliver_are_forgotten_after_three_days() -> None:
    now = timezone.now()
    old, young = (post(letter=letter(), at=now - datetime.timedelta(days=days)) for days in (4, 2))
    assert letters.forget_unsent(now) == 1
    assert SealedLetter.objects.get() == young
    assert old != young


def test_the_moment_of_confirmation_is_kept(client: Client) -> None:
    user = people.person()
    assert user.email_confirmed_at is None
    at = timezone.now()
    services.note_confirmed_address(user=user, at=at)
    assert User.objects.get(pk=user.pk).email_confirmed_at == at
