"""Each store against a real server: it finds what was planted, deletes what is the account's and nothing else, and never guesses.

MongoDB has no server here: its connector is tried against a stand-in that keeps the few calls it makes, and marked so.
"""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from bson import Binary
from django.conf import settings as configured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from deletion import connectors
from deletion.connectors import Connector, Count, Held, NotCounted, Permanent, Scope, StoreFailure, Throttled, Transient, searching
from deletion.connectors.documents import DocumentsConnector
from deletion.connectors.files import FileConnector
from deletion.connectors.objects import ObjectsConnector
from deletion.connectors.redis import RedisConnector
from deletion.connectors.service import ServiceConnector
from deletion.connectors.sql import SqlConnector
from tests.deletion.servers import OTHER, OURS, Service, bucket


def erase(store: Connector, scope: Scope, limit: int = 3) -> int:
    """Delete everything in small parts, as the engine does, and return how many records went."""
    cursor, deleted = "", 0
    for _part in range(100):
        progress = store.erase(scope, cursor, limit)
        cursor, deleted = progress.cursor, deleted + progress.deleted
        if progress.is_done:
            return deleted
    raise AssertionError("the store never said that it was done")


def does_all_that_a_store_must(store: Connector, number: int) -> None:
    """The account has ``number`` records, another account some; try all that the engine relies on."""
    before = store.verify(OTHER)
    assert isinstance(before, Count)
    assert before.number > 0
    assert store.verify(OURS) == Count(number, 0)
    store.plant(OURS)
    store.plant(OURS)
    found = store.verify(OURS)
    assert isinstance(found, Count)
    assert found.planted >= 1
    assert found.number - found.planted == number
    assert erase(store, OURS) == number
    assert store.verify(OURS) == Count(0, 0)
    assert erase(store, OURS) == 0  # "not found" is success
    assert store.verify(OTHER) == before
    assert OURS.reference not in store.describe()


# --- files ----------------------------------------------------------------------------------------------------------


def test_files() -> None:
    for scope, names in ((OURS, ["a.txt", "exports/b.zip", "exports/deep/c", "d", "e"]), (OTHER, ["a.txt"])):
        for name in names:
            default_storage.save(f"accounts/{scope.reference}/{name}", ContentFile(b"x"))
    does_all_that_a_store_must(FileConnector(), 5)


# --- keys -----------------------------------------------------------------------------------------------------------


def redis_store() -> RedisConnector:
    return RedisConnector("keys", f"{configured.REDIS_URL}&prefix=shop:[x]:{{account}}:")


def test_keys_in_valkey(keys: redis.Redis) -> None:
    for number in range(40):
        keys.set(f"shop:[x]:{OURS.reference}:{number}", b"x")
    keys.hset(f"shop:[x]:{OURS.reference}:hash", "field", "value")
    keys.set(f"shop:[x]:{OTHER.reference}:1", b"x")
    does_all_that_a_store_must(redis_store(), 41)


def test_keys_of_the_account_outside_the_declared_prefix_are_not_deleted_and_nothing_is_counted(keys: redis.Redis) -> None:
    keys.set(f"shop:x:{OURS.reference}:1", b"matched by a pattern that was not escaped")
    assert erase(redis_store(), OURS) == 0
    assert keys.exists(f"shop:x:{OURS.reference}:1")
    assert redis_store().verify(OURS) == NotCounted("elsewhere")


def test_keys_of_another_declared_store_on_the_same_server_are_no_stray(keys: redis.Redis, settings: Any) -> None:
    keys.set(f"shop:carts:{OURS.reference}:1", b"x")
    assert redis_store().verify(OURS) == NotCounted("elsewhere")
    settings.ERASURE_STORES = [f"carts={configured.REDIS_URL}&prefix=shop:carts:{{account}}:"]
    assert redis_store().verify(OURS) == Count(0, 0)


def test_a_server_that_is_away_has_counted_nothing() -> None:
    away = RedisConnector("keys", "redis://127.0.0.1:1/0?prefix={account}:")
    assert isinstance(away.verify(OURS), NotCounted)
    with pytest.raises(Transient):
        away.erase(OURS, "", 10)
    with pytest.raises(ValueError, match="holds"):
        RedisConnector("keys", "redis://127.0.0.1:1/0?prefix=all:")


# --- a second database ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_rows_in_a_second_database(second_database: str) -> None:
    does_all_that_a_store_must(SqlConnector("second", f"{second_database}&tables=event.account.id,device.account.id"), 14)


@pytest.mark.django_db
def test_a_second_database_that_hides_rows_or_refuses_is_not_counted_as_empty(second_database: str) -> None:
    wrong = SqlConnector("second", f"{second_database}&tables=event.tenant.id")
    assert isinstance(wrong.verify(OURS), NotCounted)
    with pytest.raises(Permanent):
        wrong.erase(OURS, "", 10)
    with pytest.raises(ValueError, match="table"):
        SqlConnector("second", f"{second_database}&tables=event")


# --- objects --------------------------------------------------------------------------------------------------------


def test_objects_with_all_their_versions_and_unfinished_uploads(s3: str) -> None:
    client, store = bucket(s3)
    client.put_bucket_versioning(Bucket=store.bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two", b"three"):
        client.put_object(Bucket=store.bucket, Key=f"accounts/{OURS.reference}/file", Body=body)
    client.delete_object(Bucket=store.bucket, Key=f"accounts/{OURS.reference}/file")  # hides it; the bytes stay
    client.put_object(Bucket=store.bucket, Key=f"accounts/{OURS.reference}/deep/other", Body=b"x")
    client.create_multipart_upload(Bucket=store.bucket, Key=f"accounts/{OURS.reference}/big")
    client.put_object(Bucket=store.bucket, Key=f"accounts/{OTHER.reference}/file", Body=b"x")
    does_all_that_a_store_must(store, 3 + 1 + 1 + 1)
    assert not client.list_object_versions(Bucket=store.bucket, Prefix=f"accounts/{OURS.reference}/").get("Versions")


def test_objects_of_a_bucket_without_versions(s3: str) -> None:
    client, store = bucket(s3)
    for number in range(5):
        client.put_object(Bucket=store.bucket, Key=f"accounts/{OURS.reference}/{number}", Body=b"x")
    client.put_object(Bucket=store.bucket, Key=f"accounts/{OTHER.reference}/1", Body=b"x")
    does_all_that_a_store_must(store, 5)


def test_an_object_under_a_lock_is_held_and_not_gone(s3: str) -> None:
    client, store = bucket(s3, ObjectLockEnabledForBucket=True)
    key = f"accounts/{OURS.reference}/kept"
    client.put_object(Bucket=store.bucket, Key=key, Body=b"x")
    client.put_object_legal_hold(Bucket=store.bucket, Key=key, LegalHold={"Status": "ON"})
    assert store.verify(OURS) == Held(1)


def test_a_bucket_that_is_not_there_has_counted_nothing(s3: str) -> None:
    store = ObjectsConnector("objects", f"s3+http://k:s@{s3}/missing?prefix=a/{{account}}/")
    assert isinstance(store.verify(OURS), NotCounted)
    with pytest.raises(Permanent):
        store.plant(OURS)
    away = ObjectsConnector("objects", "s3+http://k:s@127.0.0.1:1/b?prefix=a/{account}/")
    assert isinstance(away.verify(OURS), NotCounted)
    with pytest.raises(Transient):
        away.erase(OURS, "", 10)


@pytest.mark.parametrize("key", ["account/{}/file", "prod/accounts/{}/file", "exports/{}.zip", "deep/down/in/the/tree/of-{}-here"])
def test_objects_outside_the_declared_prefix_keep_the_account_from_being_counted(s3: str, key: str) -> None:
    client, store = bucket(s3)
    client.put_object(Bucket=store.bucket, Key=f"accounts/{OTHER.reference}/file", Body=b"x")
    assert store.verify(OURS) == Count(0, 0)
    client.put_object(Bucket=store.bucket, Key=key.format(OURS.reference), Body=b"x")
    store.plant(OURS)  # the planted record is found all the same: it proves nothing about other writers
    assert store.verify(OURS) == NotCounted("elsewhere")
    assert store.verify(OTHER) == Count(1, 0)


@pytest.mark.parametrize(("key", "is_found"), [("account/{}/file", True), ("a/b/{}", True), ("a/b/c/{}", False), ("accounts/x-{}", False)])
def test_a_large_bucket_is_searched_by_its_folders(s3: str, monkeypatch: pytest.MonkeyPatch, key: str, is_found: bool) -> None:
    client, store = bucket(s3)
    for number in range(1500):
        client.put_object(Bucket=store.bucket, Key=f"0/{number}", Body=b"")
    client.put_object(Bucket=store.bucket, Key=key.format(OURS.reference), Body=b"x")
    monkeypatch.setattr(searching, "MOST_PAGES", 1)
    assert (store.verify(OURS) == NotCounted("elsewhere")) is is_found


def test_objects_in_the_wrong_bucket_are_found_and_those_of_another_declared_store_are_not_mistaken(s3: str, settings: Any) -> None:
    client, store = bucket(s3)
    other, beside = bucket(s3)
    other.put_object(Bucket=beside.bucket, Key=f"accounts/{OURS.reference}/file", Body=b"x")
    assert store.verify(OURS) == NotCounted("elsewhere")
    address = f"s3+http://key:secret@{s3}"
    copy = ObjectsConnector("objects", f"{address}/{store.bucket}?prefix=accounts/{{account}}/&copies=backups,{beside.bucket}")
    assert copy.verify(OURS) == Count(0, 0)
    settings.ERASURE_STORES = [f"beside={address}/{beside.bucket}?prefix=accounts/{{account}}/"]
    assert store.verify(OURS) == Count(0, 0)
    client.put_object(Bucket=store.bucket, Key=f"small/{OURS.reference}/file", Body=b"x")
    assert store.verify(OURS) == NotCounted("elsewhere")
    settings.ERASURE_STORES.append(f"small={address}/{store.bucket}?prefix=small/{{account}}/")
    assert store.verify(OURS) == Count(0, 0)


# --- a service ------------------------------------------------------------------------------------------------------


def test_a_service_in_the_shape_of_opendsr(service: str) -> None:
    does_all_that_a_store_must(ServiceConnector("service", service), 12)
    assert len(Service.requests) == 4  # two erasures; each has one number for the account and one for the canary, however often it asked


def test_an_answer_that_somebody_else_signed_counts_nothing(service: str) -> None:
    Service.forges = True
    store = ServiceConnector("service", service)
    assert isinstance(store.verify(OURS), NotCounted)
    with pytest.raises(Transient):
        store.erase(OURS, str(uuid.uuid4()), 1)
    assert Service.records[OURS.reference] == 12


@pytest.mark.parametrize(("status", "failure"), [(429, Throttled), (503, Throttled), (500, Transient), (401, Permanent), (302, Transient)])
def test_a_refusal_is_waited_for_tried_again_or_given_up(service: str, status: int, failure: type[StoreFailure]) -> None:
    Service.refuses = status
    store = ServiceConnector("service", service)
    with pytest.raises(failure) as refused:
        store.erase(OURS, str(uuid.uuid4()), 1)
    if isinstance(refused.value, Throttled):
        assert refused.value.seconds == 7
    assert isinstance(store.verify(OURS), NotCounted)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 202),
        ({"age": 301}, 401),
        ({"age": -301}, 401),
        ({"moment": "\u00b2"}, 401),
        ({"moment": "1" * 5000}, 401),
        ({"moment": ""}, 401),
        ({"body": b'{"a": 2}'}, 401),
        ({"signature": "AAAA"}, 401),
        ({"store": "x"}, 404),
    ],
)
def test_a_callback_counts_when_the_service_signed_it_just_now(
    service: str, client: Client, settings: Any, change: dict[str, Any], status: int
) -> None:
    settings.ERASURE_STORES = [f"service={service}"]
    body, number = b'{"request_status": "completed"}', uuid.uuid4().hex
    moment = change.get("moment", str(int(time.time()) - change.get("age", 0)))
    signature = base64.b64encode(Service.key.sign(b".".join([moment.encode(), number.encode(), body]))).decode()
    headers = {
        "x-opendsr-timestamp": moment,
        "x-opendsr-delivery": number,
        "x-opendsr-signature": change.get("signature", signature),
    }
    address = f"/api/v1/deletion/callbacks/{change.get('store', 'service')}/"

    def call() -> int:
        return client.post(address, change.get("body", body), content_type="application/json", headers=headers).status_code

    assert call() == status
    if status == 202:
        assert call() == 401  # the same call again is a replay


# --- documents ------------------------------------------------------------------------------------------------------


class Collection:
    """The five calls that the connector makes, kept in memory: no server of MongoDB can be had here."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def matching(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        def fits(row: dict[str, Any]) -> bool:
            return all(is_meant(row.get(name), value) for name, value in wanted.items())

        def is_meant(found: Any, value: Any) -> bool:
            if isinstance(value, dict):
                return found in value["$in"] if "$in" in value else found not in value["$nin"]
            return bool(found == value)

        return [row for row in self.rows if fits(row)]

    def update_one(self, wanted: dict[str, Any], change: dict[str, Any], *, upsert: bool) -> None:
        if upsert and not self.matching(wanted):
            self.rows.append({"_id": uuid.uuid4().hex, **change["$setOnInsert"]})

    def find(self, wanted: dict[str, Any], _fields: dict[str, int]) -> Collection:
        return Collection(self.matching(wanted))

    def sort(self, name: str, _direction: int) -> Collection:
        return Collection(sorted(self.rows, key=lambda row: str(row[name])))

    def limit(self, number: int) -> list[dict[str, Any]]:
        return self.rows[:number]

    def delete_many(self, wanted: dict[str, Any]) -> None:
        gone = self.matching(wanted)
        self.rows[:] = [row for row in self.rows if row not in gone]

    def count_documents(self, wanted: dict[str, Any]) -> int:
        return len(self.matching(wanted))

    def aggregate(self, stages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Carry out the one query that the connector makes, as MongoDB documents its stages; anything else is refused."""
        project, match, limit = stages
        assert project == {"$project": {"pairs": {"$objectToArray": "$$ROOT"}}}
        assert limit == {"$limit": 1}
        named, binary = (each["pairs"]["$elemMatch"] for each in match["$match"]["$or"])
        assert (set(named), set(named["k"]), set(binary)) == ({"v", "k"}, {"$nin"}, {"v"})
        found = (
            row
            for row in self.rows
            if any((value == named["v"] and name not in named["k"]["$nin"]) or value == binary["v"] for name, value in row.items())
        )
        yield from list(found)[:1]


class Database(dict[str, Collection]):
    def get_collection(self, name: str) -> Collection:
        return self[name]

    def list_collection_names(self) -> list[str]:
        return list(self)


class Server(dict[str, Database]):
    def list_database_names(self) -> list[str]:
        return [*self, "admin"]


def test_documents_against_a_stand_in_for_mongodb() -> None:
    rows = [{"_id": str(number), "account": OURS.reference} for number in range(7)] + [{"_id": "x", "account": OTHER.reference}]
    database = Database(events=Collection(rows), devices=Collection([{"_id": "1", "owner": OURS.reference}]))
    does_all_that_a_store_must(
        DocumentsConnector("documents", "mongodb://host/shop?collections=events.account,devices.owner", Server(shop=database)), 8
    )


@pytest.mark.parametrize(
    ("place", "document"),
    [
        (("shop", "events"), {"tenant": OURS.reference}),
        (("shop", "orders"), {"account": OURS.reference}),
        (("old", "events"), {"account": OURS.reference}),
        (("shop", "events"), {"account": Binary.from_uuid(uuid.UUID(OURS.reference))}),
    ],
    ids=["in another field", "in another collection", "in another database", "as binary"],
)
def test_documents_that_name_the_account_elsewhere_keep_it_from_being_counted(place: tuple[str, str], document: dict[str, Any]) -> None:
    server = Server(shop=Database(events=Collection([]), orders=Collection([])), old=Database(events=Collection([])))
    store = DocumentsConnector("documents", "mongodb://host/shop?collections=events.account", server)
    assert store.verify(OURS) == Count(0, 0)
    server[place[0]][place[1]].rows.append({"_id": "stray", **document})
    assert store.verify(OURS) == NotCounted("elsewhere")
    assert store.verify(OTHER) == Count(0, 0)


def test_documents_of_another_declared_store_are_no_stray(settings: Any) -> None:
    server = Server(shop=Database(events=Collection([]), orders=Collection([{"_id": "1", "buyer": OURS.reference}])))
    settings.ERASURE_STORES = ["orders=mongodb://host/shop?collections=orders.buyer"]
    assert DocumentsConnector("events", "mongodb://host/shop?collections=events.account", server).verify(OURS) == Count(0, 0)


def test_a_mongodb_that_is_away_has_counted_nothing() -> None:
    address = "mongodb://127.0.0.1:1/shop?collections=events.account"
    away = DocumentsConnector("documents", address)
    away.patience = 200
    assert isinstance(away.verify(OURS), NotCounted)
    with pytest.raises(Transient):
        away.erase(OURS, "", 10)


# --- configuration --------------------------------------------------------------------------------------------------


def test_the_stores_of_an_installation_come_from_one_variable(settings: Any) -> None:
    settings.ERASURE_STORES = ["keys=redis://localhost/0?prefix=a:{account}", "objects=s3+https://k:s@s3.example/b?prefix={account}/"]
    assert list(connectors.stores()) == ["files", "keys", "objects"]
    settings.ERASURE_STORES = ["keys=ftp://localhost/"]
    with pytest.raises(connectors.UnknownStore, match="keys"):
        connectors.stores()
