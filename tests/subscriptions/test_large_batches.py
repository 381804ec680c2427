"""A batch that has more bytes than the portal reads is refused in the form in which programs read every refusal."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.test import Client

from subscriptions.models import Subscription
from subscriptions.recording import MOST_AT_ONCE
from subscriptions.serializers import LONGEST_IDENTIFIER
from tests.factories import customers as people
from tests.subscriptions.test_bulk_api import BULK, CANCEL, System, opt_in, statuses

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_more_than_two_mebibytes_are_refused_with_problem_details_and_as_much_in_parts_is_taken() -> None:
    people.provider()
    system = System(people.customer())
    items = [opt_in(f"{number:0{LONGEST_IDENTIFIER}}") for number in range(MOST_AT_ONCE)]
    assert len(json.dumps({"items": items})) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 2 * 1024 * 1024
    for address, content in ((BULK, {"items": items}), (CANCEL, {"items": items, "why": "withdrawn"})):
        answer = system.post(address, content)
        assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")
        assert (answer.json()["status"], answer.json()["code"]) == (413, "too_large")
        assert "2097152 bytes" in answer.json()["title"]
    assert not Subscription.objects.exists()
    assert set(statuses(system.post(BULK, {"items": items[:100]}))) == {"recorded"}


def test_a_body_that_is_nested_without_end_is_refused_and_breaks_nothing(client: Client) -> None:
    people.provider()
    secret = System(people.customer()).secret
    deep = '{"items": ' + "[" * 100_000 + "]" * 100_000 + "}"
    answer = client.post(BULK, deep, content_type="application/json", headers={"authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_the_schema_says_how_much_a_batch_may_have(client: Client) -> None:
    schema = client.get("/api/v1/schema/", headers={"accept": "application/json"}).json()
    for address in (BULK, CANCEL):
        described = schema["paths"][address]["post"]
        assert "2 MiB" in described["description"]
        assert "413" in described["responses"]
