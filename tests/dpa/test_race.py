"""Accepting at the very moment of a publication: every acceptance names the text that its form carried, and none comes too late."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from customers.models import Customer, User
from dpa import services
from dpa.composition import shown_sha256
from dpa.models import Acceptance, AgreementText, AgreementVersion
from tests.factories import agreement, customers
from tests.factories.meanwhile import Meanwhile
from tests.own_database import own_database

CUSTOMERS, ROUNDS = 20, 5


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Commit in a private copy of the test database."""
    with own_database(django_db_blocker):
        customers.provider()
        yield


class Acceptor(threading.Thread):
    """Posts one form as it was served; keeps what became of it."""

    def __init__(self, start: threading.Barrier, customer: Customer, signatory: User, text: AgreementText) -> None:
        super().__init__()
        self.begin, self.customer, self.signatory, self.text = start, customer, signatory, text
        self.carried = shown_sha256(text, customer)
        self.acceptance: Acceptance | None = None
        self.refused = False
        self.failed: Exception | None = None

    def run(self) -> None:
        try:
            self.begin.wait()
            self.acceptance = agreement.accept(
                self.customer, self.signatory, self.text.version, shown=self.carried, language=self.text.language
            )
        except services.VersionSuperseded:
            self.refused = True
        except Exception as error:
            self.failed = error
        finally:
            connection.close()


def a_round(present: AgreementVersion, number: int) -> tuple[AgreementVersion, list[Acceptor]]:
    """Let twenty customers accept the present version while the next one is published."""
    companies = [customers.customer() for _each in range(CUSTOMERS)]
    decide_by = timezone.now() + datetime.timedelta(days=30)
    following = agreement.approved(body=agreement.BODY + f"\n3. Round {number}.\n", must_accept_by=decide_by)
    text, start = present.text("de"), threading.Barrier(CUSTOMERS + 1)
    acceptors = [Acceptor(start, company, customers.owner(company), text) for company in companies]
    for acceptor in acceptors:
        agreement.serve(acceptor.customer, text)
        acceptor.start()
    start.wait()
    following = services.publish(version=following, by=agreement.staff_member("approver"), at=timezone.now())
    for acceptor in acceptors:
        acceptor.join()
    return following, acceptors


def test_twenty_customers_who_accept_during_a_publication_hold_the_text_of_their_form_or_nothing(committed: None) -> None:
    present, accepted, refused = agreement.published(), 0, 0
    for number in range(ROUNDS):
        following, acceptors = a_round(present, number)
        assert [acceptor.failed for acceptor in acceptors if acceptor.failed] == []
        for acceptor in acceptors:
            accepted, refused = accepted + bool(acceptor.acceptance), refused + acceptor.refused
            kept = list(Acceptance.objects.filter(customer=acceptor.customer).values_list("version_id", "shown_sha256"))
            assert kept == ([(present.pk, acceptor.carried)] if acceptor.acceptance else [])
        late = next((each for each in acceptors if each.refused), None)
        if late is not None:
            with pytest.raises(services.VersionSuperseded):
                agreement.accept(late.customer, late.signatory, present, shown=late.carried)
        present = following
    assert accepted + refused == CUSTOMERS * ROUNDS
    assert accepted, "some were in time"


def test_a_draft_cannot_be_changed_beside_its_publication(committed: None) -> None:
    """The change waits for the publication and is refused then; before, the published text could differ from its hash."""
    version = agreement.approved()

    def change() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE dpa_agreementtext SET title = 'Slipped in' WHERE version_id = %s", [version.pk])

    meanwhile = Meanwhile(change)
    with transaction.atomic():
        services.publish(version=version, by=agreement.staff_member("approver"), at=timezone.now())
        meanwhile.start_and_wait_until_blocked()
    assert isinstance(meanwhile.finish(), IntegrityError)
    assert not AgreementText.objects.filter(title="Slipped in").exists()
