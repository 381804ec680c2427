"""Mutants of what names the account outside the portal's database, and of what names a subscriber in it: each is noticed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from customers.models import Customer, User
from deletion.connectors import StoreFailure
from deletion.connectors import documents as documents_module
from deletion.connectors import objects as objects_module
from deletion.connectors import service as service_module
from subscriptions import services as subscribing
from subscriptions.models import Activity, Subscription, Suppression
from tests.deletion.servers import OTHER, OURS, bucket
from tests.deletion.test_connectors import Collection, Database, Server, does_all_that_a_store_must
from tests.deletion.test_mutants import mutated
from tests.factories import customers as people
from tests.factories import subscribers

NOTICED = (AssertionError, StoreFailure)

# --- objects ----------------------------------------------------------------------------------------------------------

UPLOADS = "list_multipart_uploads(Bucket=self.bucket)"
PREFIX = 'return self.prefix.replace("{account}", scope.reference)'
OBJECTS = {
    "a prefix without the account": (PREFIX, 'return self.prefix.partition("{account}")[0]'),
    "no prefix": (PREFIX, 'return ""'),
    "another account": (PREFIX, 'return self.prefix.replace("{account}", scope.canary_account)'),
    "objects of everybody": ("Prefix=self.prefix_of(scope), MaxKeys", "MaxKeys"),
    "uploads of everybody": (
        "list_multipart_uploads(Bucket=self.bucket, Prefix=self.prefix_of(scope))",
        UPLOADS,
    ),
    "count of everybody": (".paginate(Bucket=self.bucket, Prefix=prefix)", ".paginate(Bucket=self.bucket)"),
    "uploads of everybody in the count": (
        "list_multipart_uploads(Bucket=self.bucket, Prefix=prefix)",
        UPLOADS,
    ),
}


def objects(s3: str, module: Any = objects_module) -> Any:
    """Return the store with four objects and two uploads of ours, and two and one of another account."""
    client, store = bucket(s3)
    for scope, number in ((OURS, 4), (OTHER, 2)):
        for index in range(number):
            client.put_object(Bucket=store.bucket, Key=f"accounts/{scope.reference}/{index}", Body=b"x")
        for index in range(number // 2):
            client.create_multipart_upload(Bucket=store.bucket, Key=f"accounts/{scope.reference}/big-{index}")
    return module.ObjectsConnector("objects", f"s3+http://key:se%2Fcret@{s3}/{store.bucket}?prefix=accounts/{{account}}/")


def test_the_unchanged_bucket_passes(s3: str) -> None:
    does_all_that_a_store_must(objects(s3), 6)


@pytest.mark.parametrize("change", OBJECTS)
def test_a_change_of_the_buckets_prefix_is_noticed(s3: str, change: str) -> None:
    store = objects(s3, mutated(objects_module, *OBJECTS[change]))
    with pytest.raises(NOTICED):
        does_all_that_a_store_must(store, 6)


# --- a service --------------------------------------------------------------------------------------------------------

SERVICE = {
    "nobody's identity": ('"identity_value": account,', '"identity_value": "",'),
    "an identity that is the request's number": ('"identity_value": account,', '"identity_value": number,'),
    "no identity": ('"subject_identities": [identity],', '"subject_identities": [],'),
    "an erasure of another account": ("numbers = {scope.reference: cursor,", "numbers = {scope.request: cursor,"),
    "a count of another account": ("own = self.count_of(scope.reference)", "own = self.count_of(scope.canary_account)"),
    "a planted record of another account": ("planted = self.count_of(scope.canary_account)", "planted = self.count_of(scope.reference)"),
}


@pytest.mark.parametrize("change", SERVICE)
def test_a_change_of_the_request_to_a_service_is_noticed(service: str, change: str) -> None:
    module = mutated(service_module, *SERVICE[change])
    with pytest.raises(NOTICED):
        does_all_that_a_store_must(module.ServiceConnector("service", service), 12)


# --- documents --------------------------------------------------------------------------------------------------------

ACCOUNTS = 'return {field: {"$in": [scope.reference, scope.canary_account]}}'
DOCUMENTS = {
    "documents of everybody": (ACCOUNTS, "return {}"),
    "documents of all others": (ACCOUNTS, ACCOUNTS.replace("$in", "$nin")),
    "the planted account alone": (ACCOUNTS, 'return {field: {"$in": [scope.canary_account]}}'),
    "documents of everybody found": ("collection.find(self.accounts(scope, field), ", "collection.find({}, "),
    "documents of everybody counted": ("count_documents(self.accounts(scope, field))", "count_documents({})"),
}


def documents() -> Server:
    rows = [{"_id": str(number), "account": OURS.reference} for number in range(7)]
    return Server(shop=Database(events=Collection([*rows, *({"_id": name, "account": OTHER.reference} for name in "xy")])))


@pytest.mark.parametrize("change", DOCUMENTS)
def test_a_change_of_the_query_for_documents_is_noticed(change: str) -> None:
    module = mutated(documents_module, *DOCUMENTS[change])
    with pytest.raises(NOTICED):
        does_all_that_a_store_must(module.DocumentsConnector("documents", "mongodb://h/shop?collections=events.account", documents()), 7)


# --- one subscriber ---------------------------------------------------------------------------------------------------

DEVICE = "https://push.example/device-1"
FOUND = "found = Subscription.objects.of_identifier(identifiers.digests_of_typed(identifier))"
SUBSCRIBER = {
    "everybody's subscriptions": (FOUND, "found = Subscription.objects.all()"),
    "all others'": (FOUND, FOUND.replace("of_identifier(", "exclude(identifier_sha256__in=")),
    "deleted for everybody": (
        "Subscription.objects.filter(pk__in=[row.pk for row in rows]).delete()",
        "Subscription.objects.all().delete()",
    ),
    "suppressed with every company": (" for row in rows if row.customer_id == customer_id}", " for row in rows}"),
    "suppressed with the wrong company": (
        "for row in rows if row.customer_id == customer_id}",
        "for row in rows if row.customer_id != customer_id}",
    ),
}


class Subscribers:
    """The device with two companies on two types of channel, and another device with both."""

    def __init__(self) -> None:
        people.provider()
        self.staff: User = people.staff("support")
        self.companies: list[Customer] = [people.customer(), people.customer()]
        now = timezone.now()
        for company, kind in zip(self.companies, ("web_push", "app_push"), strict=True):
            for identifier in (DEVICE, "another"):
                row = subscribers.subscribe(company, identifier, kind, at=now)
                Activity.objects.create(customer=company, subscription=row, kind="shown", at=now)

    def is_noticed(self, module: Any) -> bool:
        """Say whether anything but the one device goes, or it is suppressed anywhere but where it was."""
        others = list(Subscription.objects.filter(identifier="another").order_by("pk").values())
        erased = module.erase(identifier=DEVICE, entry=uuid4(), by=self.staff, at=timezone.now())
        suppressed = set(Suppression.objects.values_list("customer", "channel_type__key"))
        return (
            erased != {company.pk: 1 for company in self.companies}
            or list(Subscription.objects.order_by("pk").values()) != others
            or set(Activity.objects.values_list("subscription", flat=True)) != {row["id"] for row in others}
            or suppressed != set(zip((company.pk for company in self.companies), ("web_push", "app_push"), strict=True))
        )


@pytest.mark.django_db
def test_the_unchanged_erasure_of_a_subscriber_passes() -> None:
    assert not Subscribers().is_noticed(subscribing)


@pytest.mark.django_db
@pytest.mark.parametrize("change", SUBSCRIBER)
def test_a_change_of_the_erasure_of_a_subscriber_is_noticed(change: str) -> None:
    assert Subscribers().is_noticed(mutated(subscribing, *SUBSCRIBER[change]))
