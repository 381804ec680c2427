from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from evidence import canonical, merkle, services
from evidence.models import Event, Personal, Place, Seal
from tests.evidence.ledgers import BASIS, NOON, verify_stored, write_event

pytestmark = pytest.mark.django_db


def test_an_event_is_appended_by_one_plain_insert() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        write_event()
    statements = [query["sql"] for query in queries.captured_queries]
    assert len(statements) == 1
    assert statements[0].startswith('INSERT INTO "evidence_event"')
    assert not {"UPDATE", "LOCK", "CONFLICT"} & set(statements[0].upper().split())


def test_an_event_holds_what_happened_and_the_hash_of_exactly_these_bytes(settings: Any) -> None:
    settings.EVIDENCE_LOG = "portal.example"
    event = Event.objects.get(pk=write_event(facts={"version": 3, "sha256": "ab", "parts": ["x", None, True]}).pk)
    content = json.loads(event.canonical)
    nonce = content.pop("nonce")
    assert content == {
        "v": 1, "log": "portal.example", "kind": "dpa.accepted", "subject": "customer:0", "happened_at": "2026-11-23T12:00:00.000000Z",
        "facts": {"version": 3, "sha256": "ab", "parts": ["x", None, True]},
    }  # fmt: skip
    assert len(bytes.fromhex(nonce)) == 16
    assert event.leaf_hash == merkle.leaf(event.canonical)
    assert event.commitment is None
    assert event.writing_transaction > 0


def test_personal_data_stay_out_of_the_ledger_which_only_commits_to_them() -> None:
    event = write_event(personal={"name": "Erika Mustermann", "email": "erika@example.com"})
    stored = Event.objects.get(pk=event.pk)
    assert b"Erika" not in stored.canonical
    assert event.commitment is not None
    assert stored.content["commitment"] == event.commitment.hex()
    personal = Personal.objects.get()
    assert personal.content == b'{"email":"erika@example.com","name":"Erika Mustermann"}'
    assert canonical.commitment_of(salt=personal.salt, content=personal.content) == event.commitment == stored.commitment


def test_equal_personal_data_have_different_commitments() -> None:
    assert write_event(personal={"name": "Erika"}).commitment != write_event(personal={"name": "Erika"}).commitment


def test_a_rolled_back_transaction_leaves_no_event() -> None:
    class Refused(Exception):
        pass

    def change_its_mind() -> None:
        with transaction.atomic():
            write_event(personal={"name": "Erika"})
            raise Refused

    with pytest.raises(Refused):
        change_its_mind()
    assert not Event.objects.exists()
    assert not Personal.objects.exists()


@pytest.mark.parametrize("facts", [{"price": 1.5}, {"count": 2**53}])
def test_facts_that_have_no_canonical_form_are_refused_before_anything_is_written(facts: dict[str, Any]) -> None:
    with pytest.raises(canonical.NotCanonical):
        write_event(facts=facts)
    assert not Event.objects.exists()


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(canonical.NotCanonical):
        write_event(happened_at=datetime(2026, 11, 23))  # noqa: DTZ001


def test_redaction_erases_data_and_salt_and_says_so_in_the_ledger() -> None:
    event = write_event(personal={"name": "Erika"})
    assert event.commitment is not None
    services.seal(at=NOON)
    redaction = services.redact(commitment=event.commitment, legal_basis=BASIS, at=NOON)
    services.seal(at=NOON)
    assert not Personal.objects.exists()
    assert redaction.content["kind"] == "redacted"
    assert redaction.content["facts"] == {"commitment": event.commitment.hex(), "legal_basis": BASIS}
    report = verify_stored()
    assert (report.exit_code, report.sealed, report.redacted) == (20, 2, 1)


def test_what_is_already_redacted_is_not_redacted_twice() -> None:
    event = write_event(personal={"name": "Erika"})
    assert event.commitment is not None
    services.redact(commitment=event.commitment, legal_basis=BASIS, at=NOON)
    with pytest.raises(services.NothingToRedact):
        services.redact(commitment=event.commitment, legal_basis=BASIS, at=NOON)
    assert Event.objects.count() == 2


def test_data_that_a_restored_backup_brings_back_are_noticed_and_can_be_redacted_again() -> None:
    event = write_event(personal={"name": "Erika"})
    assert event.commitment is not None
    kept = Personal.objects.get()
    services.redact(commitment=event.commitment, legal_basis=BASIS, at=NOON)
    Personal.objects.create(commitment=kept.commitment, salt=kept.salt, content=kept.content)
    report = verify_stored()
    assert report.exit_code == 40
    assert "redacted personal data are back" in str(report.faults[0])
    services.redact(commitment=event.commitment, legal_basis=BASIS, at=NOON)
    assert verify_stored().exit_code == 20


def test_the_clock_seals_what_waits() -> None:
    from evidence.tasks import seal

    write_event()
    seal.apply(throw=True)
    assert (Place.objects.count(), Seal.objects.count()) == (1, 1)
    assert seal.name == "evidence.seal"
