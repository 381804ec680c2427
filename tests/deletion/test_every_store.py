"""One erasure through a store of every kind at once, each a real server: all of the account goes, and nothing of anybody else."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
from django.conf import settings as configured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from customers.models import Customer
from deletion import attempts, services, stepping
from deletion.connectors import service as services_module
from deletion.models import ErasureRequest
from tests.deletion.servers import OTHER, OURS, Service, bucket
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]
WANTED = {"files": 5, "keys": 9, "objects": 3 + 1 + 2 + 1, "second": 4 + 8, "service": 12}
"""What the account has in each store; of the objects three versions, what hides them, two more, and an upload that was never finished."""


class Installation:
    """The stores as ERASURE_STORES names them, and what lies in them, seen without the connectors."""

    def __init__(self, s3: str, keys: redis.Redis, second: str, service: str) -> None:
        self.client, objects = bucket(s3)
        self.bucket, self.keys, self.second = objects.bucket, keys, second
        self.client.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        self.declared = [
            f"objects=s3+http://key:se%2Fcret@{s3}/{self.bucket}?prefix=accounts/{{account}}/",
            f"keys={configured.REDIS_URL}&prefix=shop:{{account}}:",
            f"second={second}&tables=event.account.id,device.account.id",
            f"service={service}",
        ]

    def fill(self, reference: str) -> None:
        """Give the account what WANTED says."""
        for name in ("a.txt", "exports/b.zip", "exports/deep/c", "d", "e"):
            default_storage.save(f"accounts/{reference}/{name}", ContentFile(f"{reference} {name}".encode()))
        for number in range(8):
            self.keys.set(f"shop:{reference}:{number}", b"x")
        self.keys.hset(f"shop:{reference}:cart", "field", "value")
        folder = f"accounts/{reference}/"
        for body in (b"one", b"two", b"three"):
            self.client.put_object(Bucket=self.bucket, Key=f"{folder}file", Body=body)
        self.client.delete_object(Bucket=self.bucket, Key=f"{folder}file")
        for name in ("deep/other", "more"):
            self.client.put_object(Bucket=self.bucket, Key=folder + name, Body=b"x")
        self.client.create_multipart_upload(Bucket=self.bucket, Key=f"{folder}big")
        with closing(psycopg2.connect(self.second)) as second, second, second.cursor() as cursor:
            for _device in range(4):
                cursor.execute("INSERT INTO device (account) VALUES (%s) RETURNING id", [reference])
                cursor.execute(
                    "INSERT INTO event (account, device) SELECT %s, %s FROM generate_series(1, 2)", [reference, cursor.fetchone()]
                )
        Service.records[reference] = 12

    def held(self, reference: str) -> dict[str, list[Any]]:
        """Return everything of the account, store by store."""
        folder, prefix = Path(default_storage.path(f"accounts/{reference}")), f"accounts/{reference}/"
        listed = self.client.list_object_versions(Bucket=self.bucket, Prefix=prefix)
        entries = [entry for kind in ("Versions", "DeleteMarkers") for entry in listed.get(kind, [])]
        uploads = self.client.list_multipart_uploads(Bucket=self.bucket, Prefix=prefix).get("Uploads", [])
        with closing(psycopg2.connect(self.second)) as second, second, second.cursor() as cursor:
            rows = "SELECT 'device', d::text FROM device d WHERE account = %(a)s UNION ALL SELECT 'event', e::text FROM event e"
            cursor.execute(f"{rows} WHERE account::text = %(a)s ORDER BY 1, 2", {"a": reference})
            found = cursor.fetchall()
        return {
            "files": sorted((str(path), path.read_bytes()) for path in folder.rglob("*") if path.is_file()),
            "keys": sorted((key, self.keys.dump(key)) for key in self.keys.scan_iter(f"*{reference}*")),
            "objects": sorted((entry["Key"], entry["VersionId"]) for entry in entries) + [upload["UploadId"] for upload in uploads],
            "second": found,
            "service": list(range(Service.records.get(reference, 0))),
        }


@pytest.fixture
def installation(s3: str, keys: redis.Redis, second_database: str, service: str, settings: Any) -> Installation:
    made = Installation(s3, keys, second_database, service)
    settings.ERASURE_STORES = made.declared
    return made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take few records at a time, so that each store has several parts, and ask the service soon again."""
    monkeypatch.setattr(stepping, "AT_ONCE_IN_STORES", 3)
    monkeypatch.setattr(services_module, "POLL_SECONDS", 0.05)


def company_with_data(installation: Installation) -> tuple[Customer, Any]:
    company, owner = erasure.account(3)
    installation.fill(str(company.reference))
    return company, owner


@pytest.mark.usefixtures("quick")
def test_an_erasure_empties_every_store_and_the_certificate_counts_each_of_them(installation: Installation) -> None:
    people.provider()
    company, owner = company_with_data(installation)
    stranger, _other = company_with_data(installation)
    mine, theirs = str(company.reference), str(stranger.reference)
    assert {name: len(found) for name, found in installation.held(mine).items()} == WANTED
    before = installation.held(theirs)
    assert {name: len(found) for name, found in before.items()} == WANTED

    request = erasure.complete(erasure.due(company, owner))

    assert request.state == ErasureRequest.State.COMPLETED, list(request.events.values_list("code", "dataset", "number"))
    assert installation.held(mine) == {name: [] for name in WANTED}
    assert installation.held(theirs) == before
    content = json.loads(bytes(request.certificates.get().canonical))
    certified = {row["store"]: row for row in content["datasets"] if row["store"] != "database"}
    assert {name: row["deleted"] for name, row in certified.items()} == WANTED
    assert {row["left"] for row in certified.values()} == {0}
    assert len(content["systems"]) >= len(WANTED)
    planted = set(request.events.filter(code="canary.found").values_list("dataset", flat=True))
    assert planted == {f"store:{name}" for name in WANTED}, "each store had to show that it can find a record"


@pytest.mark.usefixtures("quick")
def test_a_store_that_is_away_in_the_middle_keeps_the_account_uncertified_until_it_is_back(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.provider()
    company, owner = company_with_data(installation)
    monkeypatch.setattr(attempts, "FIRST_DELAY", attempts.FIRST_DELAY / 1000)
    monkeypatch.setattr(attempts, "MOST_ATTEMPTS", 2)
    Service.refuses = 500
    request = erasure.run(erasure.due(company, owner))
    assert (request.state, request.blocked_why) == ("blocked", "step_failed")
    assert not request.certificates.exists()
    held = installation.held(str(company.reference))
    assert {name: len(found) for name, found in held.items()} == dict.fromkeys(WANTED, 0) | {"service": 12}
    assert Customer.objects.filter(pk=company.pk).exists()
    Service.refuses = 0
    services.retry(request=request, by=people.staff(), at=timezone.now())
    request = erasure.complete(request)
    assert request.state == ErasureRequest.State.COMPLETED
    assert dict(request.steps.exclude(store="database").values_list("store", "deleted")) == WANTED
    assert Service.records == {OTHER.reference: 3, OURS.reference: 12}
