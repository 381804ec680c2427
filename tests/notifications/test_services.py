"""Telling somebody: one row and one job per key, addresses and headers that nobody can bend."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from jobs.models import Job
from notifications import services
from notifications.links import absolute
from notifications.models import Delivery
from tests.factories import registers

pytestmark = pytest.mark.django_db
NO_ADDRESSES = (
    "",
    "nobody",
    "a@b\r\nBcc: evil@example.com",
    "erika@example.com\n",
    "a@example.com, b@example.com",
    "erika@example.com\x00",
)


def tell(**changes: Any) -> Delivery:
    message = {"to": "erika@example.com", "kind": "greeting", "language": "de", "context": {"name": "Erika"}, "key": "greeting:1"}
    return services.tell(**{**message, **changes})


def test_telling_twice_with_one_key_makes_one_delivery_and_one_job() -> None:
    first, second = tell(), tell(context={"name": "Somebody else"})
    assert first == second
    assert Delivery.objects.get().context == {"name": "Erika"}
    job = Job.objects.get()
    assert (job.kind, job.key, job.subject) == ("notifications.send", "send:greeting:1", str(first.pk))


def test_a_key_cannot_stand_for_two_kinds_of_messages() -> None:
    tell()
    with pytest.raises(services.KeyTaken):
        tell(kind="farewell")


def test_the_message_id_belongs_to_the_delivery_and_to_the_portal() -> None:
    delivery = tell()
    assert delivery.message_id == f"<{delivery.pk}@testserver>"


def test_the_job_holds_no_personal_data() -> None:
    tell()
    job = Job.objects.get()
    assert "erika" not in f"{job.key} {job.subject}".lower()


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b\r\nBcc: evil@example.com", "erika@example.com\n", "a@example.com, b@example.com", "erika@example.com\x00"],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        tell(to=address)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "constraint"),
    [
        ("kind", "../secret", "kind_is_a_name"),
        ("kind", "a/b", "kind_is_a_name"),
        ("kind", "", "kind_is_a_name"),
        ("language", "fr", "language_known"),
        ("recipient", "a@b\r\nBcc: evil@example.com", "recipient_one_line"),
        ("state", "sent", "sent_and_time_together"),
        ("state", "failed", "failed_with_error"),
        ("sent_at", registers.AT, "sent_and_time_together"),
    ],
)
def test_the_database_refuses_a_delivery_that_cannot_be(field: str, value: Any, constraint: str) -> None:
    delivery = tell()
    with pytest.raises(IntegrityError, match=constraint):
        Delivery.objects.filter(pk=delivery.pk).update(**{field: value})


@pytest.mark.parametrize(("path", "address"), [("/de/tom/", "http://testserver/de/tom/"), ("/v/x?y=1#z", "http://testserver/v/x?y=1#z")])
def test_links_lead_to_the_portal_whatever_host_a_request_names(path: str, address: str) -> None:
    assert absolute(path) == address


@pytest.mark.parametrize("path", ["", "de/tom/", "//evil.example", "/\\evil.example", "https://evil.example", "@evil.example"])
def test_a_link_that_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="begins with one slash"):
        absolute(path)
