"""The mails about announced changes, word for word in both languages: a change here is a change of what customers are told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone

from notifications import sending
from notifications import services as notifications
from notifications.models import Delivery, Topic, UpdateSubscription
from subprocessors import services, telling
from tests.factories import customers, notices
from tests.factories.registers import AT

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "letters"
KINDS = [
    "subprocessors_announced",
    "subprocessors_announced_public",
    "subprocessors_reminder",
    "subprocessors_withdrawn",
    "subprocessors_withdrawn_public",
    "objection_received",
    "objection_answered",
    "objection_closed",
    "objection_for_staff",
    "updates_confirm",
    "updates_known",
]


@pytest.fixture
def letters(monkeypatch):
    """Every kind of mail in both languages, with references and signed links made steady."""
    monkeypatch.setattr("notifications.links.token", lambda number, purpose: f"signed-{purpose.partition('.')[2]}")
    references = iter(f"XX-2026-0000-{number:04}" for number in range(9))
    monkeypatch.setattr("subprocessors.services.announcements.new_reference", lambda prefix, year: "UA-2026-0000-0000")
    monkeypatch.setattr("subprocessors.services.objections.new_reference", lambda prefix, year: next(references))
    customers.provider()
    notices.register_in_force()
    company = customers.customer(legal_name="Muster & Söhne KG")
    owner = customers.owner(company)
    english = customers.colleague(company, "privacy_contact")
    english.language = "en"
    english.save()
    notices.agree(company)
    now = AT
    for language in ("de", "en"):
        UpdateSubscription.objects.create(
            email=f"{language}@example.org", language=language, topics=[Topic.SUBPROCESSORS], asked_at=now, confirmed_at=now
        )
    announcement = notices.told()
    telling.remind(AT.replace(month=12, day=20))
    objection = services.object_to(notice=notices.notice(announcement, company), grounds="Ort", by=owner, at=AT)
    services.answer(objection=objection, text="Wir bieten eine andere Region an.\nGilt ab sofort.", by=owner, at=AT)
    services.decide(objection=objection, state="remedied", outcome="Region <Frankfurt> & Umgebung.", by=owner, at=AT)
    services.withdraw(announcement=announcement, reason="entfällt", by=owner, at=AT)
    telling.tell_withdrawal(announcement.pk, AT)
    for language in ("de", "en"):
        notifications.subscribe(email=f"new-{language}@example.org", language=language, topics=Topic.values, at=timezone.now())
        notifications.subscribe(email=f"{language}@example.org", language=language, topics=Topic.values, at=timezone.now())
    found = {}
    for delivery in Delivery.objects.order_by("created_at", "key"):
        sending.send(delivery.pk, AT)
        found[delivery.kind, delivery.language] = mail.outbox[-1]
    return found


def test_every_mail_says_what_is_written_down(letters):
    languages = {kind: ("de",) if kind == "objection_for_staff" else ("de", "en") for kind in KINDS}
    assert set(letters) == {(kind, language) for kind in KINDS for language in languages[kind]}
    for (kind, language), letter in letters.items():
        said = f"{letter.subject}\n\n{letter.body}"
        file = GOLDEN / f"{kind}.{language}.txt"
        if os.environ.get("WRITE_LETTERS"):
            GOLDEN.mkdir(exist_ok=True)
            file.write_text(said, encoding="utf-8")
        assert said == file.read_text(encoding="utf-8"), file.name


def test_html_and_text_say_the_same_and_values_are_escaped(letters):
    for (kind, language), letter in letters.items():
        html = letter.alternatives[0][0]
        assert f'<html lang="{language}">' in html
        assert "<Frankfurt>" not in html
        assert ("Region &lt;Frankfurt&gt; &amp; Umgebung." in html) is (kind == "objection_closed")
        if kind in ("subprocessors_announced", "subprocessors_reminder"):
            for fact in ("Network GmbH", "IP-Adressen" if language == "de" else "IP addresses", "Web"):
                assert fact in html
                assert fact in letter.body


def test_no_mail_of_these_names_a_person_in_its_subject(letters):
    for letter in letters.values():
        assert "Erika" not in letter.subject
        assert "@" not in letter.subject
        assert "Muster" not in letter.subject
