"""Ten thousand customers and one announcement: a process killed twice, a server that refuses every seventh, and nobody left out or told twice."""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
import time
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from jobs.execution import run
from jobs.models import Job
from notifications import ledger, services
from notifications.models import Delivery
from subprocessors import telling
from subprocessors.models import Announcement, Notice
from tests.factories import customers, notices
from tests.factories.registers import AT
from tests.own_database import address_of

CUSTOMERS = 10_000
MANY = """
WITH company AS (
    INSERT INTO customers_customer (reference, legal_name, street, postcode, city, country, register_number, vat_number,
                                    acts_as, language, created_at)
    SELECT gen_random_uuid(), 'Company ' || number, 'Street 1', '20095', 'Hamburg', 'DE', '', '', 'controller', 'de', now()
    FROM generate_series(1, %(many)s) AS number RETURNING id
), person AS (
    INSERT INTO customers_user (reference, password, email, full_name, function, language, is_staff, is_active, is_superuser, created_at)
    SELECT gen_random_uuid(), '!', 'contact' || id || '@example.com', 'Person ' || id, '', CASE id %% 2 WHEN 0 THEN 'de' ELSE 'en' END,
           false, true, false, now() FROM company RETURNING id, email
), role AS (
    INSERT INTO customers_membership (customer_id, user_id, role, created_at)
    SELECT substr(split_part(email, '@', 1), 8)::bigint, id, 'privacy_contact', now() FROM person
)
INSERT INTO subprocessors_agreedterms (customer_id, notice_days, objection_days, authorisation, source, source_number, agreed_at)
SELECT id, 30, 14 + id %% 20, 'general', 'agreement', '1.0', now() FROM company
"""


def many(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"many": number})


def announced() -> Announcement:
    customers.provider()
    notices.register_in_force()
    many(CUSTOMERS)
    made = notices.announce(at=AT)
    assert made is not None
    Announcement.objects.update(quiet_until=AT)
    return made


def place(announcement: Announcement) -> int:
    return Announcement.objects.values_list("told_up_to", flat=True).get(pk=announcement.pk)


def start(announcement: Announcement, name: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DATABASE_URL": address_of(name), "DJANGO_SETTINGS_MODULE": "compliance_portal.settings"}
    command = [sys.executable, "-m", "tests.subprocessors.fan_out", str(announcement.pk)]
    return subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)


def kill_on_the_way(announcement: Announcement, name: str) -> None:
    """Start telling, wait until the first chunks are kept, and end the process without a word."""
    before, process, deadline = place(announcement), start(announcement, name), time.monotonic() + 60
    while place(announcement) == before:
        assert process.poll() is None, "the process ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()


def test_killed_twice_it_tells_each_of_ten_thousand_customers_exactly_once(own_database: str) -> None:
    announcement = announced()
    kill_on_the_way(announcement, own_database)
    first = place(announcement)
    kill_on_the_way(announcement, own_database)
    assert 0 < first < place(announcement)
    assert Delivery.objects.count() < CUSTOMERS
    telling.tell(announcement.pk, timezone.now())
    deliveries = set(Delivery.objects.values_list("customer", flat=True))
    assert (Delivery.objects.count(), len(deliveries), Notice.objects.count()) == (CUSTOMERS, CUSTOMERS, CUSTOMERS)
    subjects = set(Job.objects.filter(kind="notifications.send").values_list("subject", flat=True))
    assert subjects == {str(number) for number in Delivery.objects.values_list("pk", flat=True)}
    assert dict(Delivery.objects.order_by().values_list("language").distinct().values_list("language", "kind")) == {
        "de": "subprocessors_announced",
        "en": "subprocessors_announced",
    }


@pytest.mark.parametrize("mailed", [490, pytest.param(CUSTOMERS, marks=pytest.mark.long)])
def test_what_a_server_refuses_after_two_kills_is_seen_and_sent_again(
    own_database: str, monkeypatch: pytest.MonkeyPatch, mailed: int
) -> None:
    """Every seventh recipient is refused; ``mailed`` of the ten thousand mails go out here, all of them in the long campaign."""
    announcement = announced()
    for _kill in range(2):
        kill_on_the_way(announcement, own_database)
    telling.tell(announcement.pk, timezone.now())
    assert Delivery.objects.count() == Delivery.objects.values("customer").distinct().count() == CUSTOMERS
    chosen = list(Delivery.objects.order_by("pk").values_list("pk", "recipient")[:mailed])
    every_seventh = {recipient for _key, recipient in chosen[::7]}
    monkeypatch.setattr(EmailBackend, "send_messages", refusing(every_seventh))
    deliver([key for key, _recipient in chosen])
    numbers = {row["state"]: row["number"] for row in ledger.counts("")}
    assert (numbers["sent"], numbers["failed"]) == (mailed - len(every_seventh), len(every_seventh))
    assert numbers["queued"] == CUSTOMERS - mailed
    assert {delivery.last_error for delivery in Delivery.objects.failed()} == {"smtp_550"}
    every_seventh.clear()
    failed = list(Delivery.objects.failed())
    for delivery in failed:
        services.send_again(delivery=delivery)
    deliver([delivery.pk for delivery in failed])
    assert Delivery.objects.filter(state="sent").count() == mailed
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(recipient for _key, recipient in chosen), "each exactly once"


def deliver(keys: list[Any]) -> None:
    """Run the jobs of these deliveries as the worker would."""
    subjects = [str(key) for key in keys]
    for number in Job.objects.filter(kind="notifications.send", subject__in=subjects).values_list("pk", flat=True):
        run(number)


def refusing(addresses: set[str]) -> Any:
    def send(self: EmailBackend, messages: list[Any]) -> int:
        for message in messages:
            if message.to[0] in addresses:
                raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
            mail.outbox.append(message)
        return len(messages)

    return send
