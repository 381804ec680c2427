"""Proof without the portal: certificates are checked from their bytes, and what nobody counted is not taken for nothing."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from customers.models import ApiToken, Scope
from deletion import connectors, execution, inspecting, progress, proving, stepping, verifying
from deletion.connectors import Count, NotCounted
from deletion.connectors.sql import SqlConnector
from deletion.datasets import UnknownDataset
from deletion.models import ErasureCertificate, ErasureRequest, ErasureStep
from evidence import canonical
from tests.deletion.servers import OURS
from tests.factories import agreement, erasure
from tests.factories import customers as people
from tests.own_database import address_of, administer

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def request_of_account() -> ErasureRequest:
    people.provider()
    company, owner = erasure.account(4)
    agreement.accept(company, owner, agreement.published())
    return erasure.due(company, owner)


def certified(request: ErasureRequest) -> bytes:
    return bytes(erasure.complete(request).certificates.get().canonical)


def test_a_certificate_is_checked_offline_byte_for_byte(request_of_account: ErasureRequest, tmp_path: Path, capsys: Any) -> None:
    document = certified(request_of_account)
    certificate = ErasureCertificate.objects.get()
    assert inspecting.inspect(document, sha256=certificate.sha256).wrong == []
    file = tmp_path / "certificate.json"
    file.write_bytes(document)
    call_command("verify_certificate", str(file), sha256=certificate.sha256)
    assert certificate.reference in capsys.readouterr().out
    for place in range(len(document)):
        changed = document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :]
        assert inspecting.inspect(changed, sha256=certificate.sha256).wrong, place
    signature = tmp_path / "certificate.sig"
    signature.write_bytes(verifying.signature_of(certificate))
    call_command("verify_certificate", str(file), signature=signature, key=certificate.public_key)
    assert "signed under the key" in capsys.readouterr().out
    file.write_bytes(document.replace(b'"left":0', b'"left":1', 1))
    with pytest.raises(SystemExit):
        call_command("verify_certificate", str(file))
    assert "not at zero" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["kept", "backups", "datasets", "claim", "registry_sha256", "verification", "signer", "export", "systems"])
def test_a_certificate_that_is_silent_about_something_does_not_hold(request_of_account: ErasureRequest, name: str) -> None:
    content = json.loads(certified(request_of_account))
    del content[name]
    assert inspecting.inspect(canonical.encode(content)).wrong


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b"\xff", b'{"schema":"other"}', b'{ "a": 1 }'])
def test_what_is_no_certificate_is_said_so(document: bytes) -> None:
    assert inspecting.inspect(document).wrong


# --- a plan of another version, and wrong keys in other stores ---------------------------------------------------------


def test_a_plan_of_another_version_is_finished_or_shown_to_a_person(request_of_account: ErasureRequest) -> None:
    request, now = request_of_account, timezone.now()
    execution.begin(request, now, 0)
    request.refresh_from_db()
    execution.enter_ledger_and_plan(request, now, 0)
    request.steps.filter(dataset="dpa.decline").update(dataset="dpa.goneinthisversion", estimated=None)
    request = erasure.run(request)
    assert (request.state, request.blocked_why) == ("blocked", "step_failed")
    assert request.steps.get(dataset="dpa.goneinthisversion").last_error == "permanent"
    assert progress.progress_of(request).lines
    with pytest.raises(UnknownDataset):
        proving.left_of(request, request.steps.get(dataset="dpa.goneinthisversion"))
    assert not ErasureCertificate.objects.exists()


def test_rows_of_a_dataset_that_the_plan_did_not_know_are_found_by_the_whole_catalogue(request_of_account: ErasureRequest) -> None:
    request, now = request_of_account, timezone.now()
    execution.begin(request, now, 0)
    request.refresh_from_db()
    execution.enter_ledger_and_plan(request, now, 0)
    request.steps.filter(dataset="customers.apitoken").delete()  # it was frozen before tokens existed
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ALTER TABLE customers_apitoken DISABLE TRIGGER refuse_fenced")
    times = {"created_at": now, "expires_at": now + datetime.timedelta(days=1)}
    token = ApiToken.objects.create(
        customer_id=request.number, name="late", token_hash="0" * 64, scopes=[Scope.values[0]], created_by=people.staff(), **times
    )
    request = erasure.run(request)
    assert not ErasureStep.objects.filter(request=request, dataset="customers.apitoken").exists()
    assert (request.state, request.blocked_why) == ("blocked", "rows_left")
    found = request.events.filter(code="verification.left").values_list("dataset", "number")
    assert list(found) == [("customers_apitoken.customer_id", 1)]
    request = erasure.run(request, at=now + datetime.timedelta(days=2))
    assert (request.state, ErasureCertificate.objects.exists()) == ("blocked", False)
    ApiToken.objects.filter(pk=token.pk).delete()  # its company is gone


@pytest.fixture
def second_database() -> Iterator[str]:
    name = f"second_{uuid.uuid4().hex[:8]}"
    administer(f'CREATE DATABASE "{name}"')
    made = psycopg2.connect(address_of(name))
    with made, made.cursor() as cursor:
        cursor.execute("CREATE TABLE event (id serial PRIMARY KEY, org_id text DEFAULT '', tenant_id text DEFAULT '', body text)")
        cursor.execute("INSERT INTO event (tenant_id) SELECT %s FROM generate_series(1, 5)", [OURS.reference])
    made.close()
    yield address_of(name)
    administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_the_wrong_column_of_the_account_finds_its_own_canary_and_is_refused_all_the_same(second_database: str) -> None:
    join = "&" if "?" in second_database else "?"
    wrong = SqlConnector("second", f"{second_database}{join}tables=event.org_id.id")
    wrong.plant(OURS)
    assert wrong.verify(OURS) == NotCounted("elsewhere")
    right = SqlConnector("second", f"{second_database}{join}tables=event.tenant_id.id")
    right.plant(OURS)
    assert right.verify(OURS) == Count(6, 1)


def test_a_store_that_is_no_longer_configured_is_not_counted(request_of_account: ErasureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectors, "stores", dict)
    for module in (proving, stepping):
        monkeypatch.setattr(module, "stores", connectors.stores)
    request = erasure.run(request_of_account)
    assert request.steps.get(store="files").last_error == "permanent"
    assert not ErasureCertificate.objects.exists()
