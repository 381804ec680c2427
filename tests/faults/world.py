"""A stranger whose rows must not change, and erasures that are counted against what was there."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from customers.models import Customer
from deletion import datasets, freezing, granting
from deletion.connectors.files import folder_of
from deletion.models import ErasureCertificate, ErasureRequest, ErasureStep, LedgerEntry, Tombstone
from notifications.models import Delivery
from notifications.services import tell
from tests.factories import customers as people
from tests.factories import erasure

SUBSCRIBERS, FILES = 12, 3
WANTED = {
    "store:files": FILES,
    "customers.user": 2,
    "customers.invitation": 1,
    "customers.customer": 1,
}

EMPTY = (
    ("customers_customer", "id"),
    ("subscriptions_subscription", "customer_id"),
    ("subscriptions_activity", "customer_id"),
    ("customers_user", "customer_id"),
)

WITHOUT_SUBSCRIPTION = """
SELECT count(*) FROM subscriptions_activity a WHERE NOT EXISTS (SELECT FROM subscriptions_subscription s WHERE s.id = a.subscription_id)
"""


class World:
    """Committed rows of two companies. Everything is drawn up once; each request erases a company of its own."""

    def __init__(self, subscribers: int = SUBSCRIBERS) -> None:
        self.subscribers = subscribers
        people.provider()
        person = people.stranger()
        assert person.customer is not None
        self.stranger = person.customer
        erasure.subscribers(self.stranger, 9, "stranger")
        erasure.activity(self.stranger)
        self.stranger.invitations.create(
            email="colleague@example.net",
            roles=["signatory"],
            language="de",
            created_at=timezone.now(),
            expires_at=timezone.now() + datetime.timedelta(days=14),
            mail_wanted_at=timezone.now(),
        )
        people.colleague(self.stranger)
        put_files(self.stranger)
        self.shared = person.email
        for number, named in enumerate((self.stranger, None)):
            tell(to=person.email, kind="deletion_requested", language="en", context={}, key=f"stranger:{number}", customer=named)
        Delivery.objects.update(state=Delivery.State.SENT, sent_at=timezone.now())  # else a worker sends them, and changes the rows
        # Never saved: it only lends the predicates their values.
        self.lens = ErasureRequest(
            reference="LA-2026-LENS-0001", customer_reference=self.stranger.reference, customer_number=self.stranger.pk
        )
        self.lens.plan = freezing.scope_of_plan(self.lens)
        self.before = self.digest()

    def digest(self) -> str:
        """Return one hash over every row and file that an erasure of the stranger would delete."""
        lines: list[Any] = []
        with connection.cursor() as cursor:
            for dataset in datasets.datasets():
                rows = f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)), count(*) FROM {dataset.table} t WHERE {dataset.where}"
                cursor.execute(rows, freezing.values_for(self.lens, dataset))
                lines.append((dataset.key, cursor.fetchone()))
        assert sum(bool(found[1]) for _key, found in lines) >= 6
        files = files_of(self.stranger.reference)
        assert len(files) == FILES
        lines.append(files)
        return hashlib.sha256(repr(lines).encode()).hexdigest()

    def request(self) -> ErasureRequest:
        company, owner = erasure.account(self.subscribers)
        company.invitations.update(email=self.shared)  # a person of the stranger's was invited: the address is of both
        erasure.activity(company)
        put_files(company)
        request = erasure.due(company, owner)
        ErasureRequest.objects.filter(pk=request.pk).update(language="en")
        return request

    def check(self, request: ErasureRequest, *, late: str = "") -> None:
        """Assert all that an erasure promises; of the dataset ``late`` there was one record more."""
        request.refresh_from_db()
        assert request.state == ErasureRequest.State.COMPLETED, list(request.events.values_list("code", "dataset", "number"))
        self.nothing_is_left(request.number)
        assert files_of(request.customer_reference) == []
        deleted = dict(ErasureStep.objects.filter(request=request).values_list("dataset", "deleted"))
        many = dict.fromkeys(("subscriptions.activity", "subscriptions.subscription"), self.subscribers)
        wanted = WANTED | {"customers.membership": 4} | many
        assert {key: deleted[key] for key in wanted} == {key: number + (key == late) for key, number in wanted.items()}
        assert Tombstone.objects.filter(customer_number=request.number).count() == 1
        assert ErasureCertificate.objects.filter(request=request).count() == 1
        assert LedgerEntry.objects.using("ledger").filter(request_reference=request.reference).count() == 1
        assert Delivery.objects.filter(kind="deletion_completed", key__contains=self.certificate_of(request)).count() == 1
        assert self.digest() == self.before

    def nothing_is_left(self, number: int) -> None:
        with connection.cursor() as cursor:
            for table, column in EMPTY:
                cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [number])
                assert cursor.fetchone() == (0,), table
            cursor.execute(WITHOUT_SUBSCRIPTION)
            assert cursor.fetchone() == (0,)

    def certificate_of(self, request: ErasureRequest) -> str:
        return str(request.certificates.get().reference)


def put_files(company: Customer) -> None:
    for number in range(FILES):
        default_storage.save(f"{folder_of(str(company.reference))}/{number}.txt", ContentFile(f"{company.pk} {number}".encode()))


def files_of(reference: uuid.UUID) -> list[tuple[str, bytes]]:
    folder = Path(default_storage.path(folder_of(str(reference))))
    return sorted((path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file())


def let_verifier_read() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {settings.DATABASE_VERIFIER_ROLE}")
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {settings.DATABASE_VERIFIER_ROLE}")
        granting.grant(cursor)


def go_on(request: ErasureRequest) -> None:
    """Run to the certificate, as workers do after the leases of the dead one have run out: that they ran out is how they know of it."""
    steps = ErasureStep.objects.filter(request=request)
    steps.update(next_attempt_at=None)
    steps.exclude(lease_until=None).update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    erasure.complete(request)
