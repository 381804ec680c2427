"""The sample texts for programs: public, read-only, the same words as the files, and refusals that list what is missing."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from privacy_text import services
from privacy_text.models import SampleText
from tests.factories import customers as people
from tests.factories import registers
from tests.privacy_text.conftest import ANSWERS, NOW, TYPES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sample() -> SampleText:
    people.provider()
    registers.sample_subprocessors()
    return services.load_sample(by=registers.editor(), approved_by=registers.editor(), at=NOW)


def test_types_and_versions_are_listed(client: Client) -> None:
    assert [row["key"] for row in client.get("/api/v1/texts/").json()] == list(TYPES)
    versions = client.get("/api/v1/texts/versions/").json()
    rows = versions["results"] if isinstance(versions, dict) else versions
    assert [(row["number"], row["state"]) for row in rows] == [("1", "published")]
    assert "created_by" not in json.dumps(versions)


@pytest.mark.parametrize("kind", ["passage", "opt_in"])
def test_a_text_is_the_same_as_its_json_file(client: Client, kind: str) -> None:
    answer = client.get(f"/api/v1/texts/telegram/{kind}/", {**ANSWERS, "language": "en", "statistics": "off"})
    file = client.get(f"/en/texts/telegram/{kind.replace('_', '-')}.json", {**ANSWERS, "statistics": "off"})
    assert answer.json() == json.loads(file.content)
    assert not answer.cookies


def test_a_text_with_open_places_is_refused_with_what_is_missing(client: Client) -> None:
    answer = client.get("/api/v1/texts/web_push/passage/", {"customer_name": "Muster Verlag GmbH", "language": "en"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert set(answer.json()["errors"]) == {"content", "privacy_url"}


def test_a_wrong_choice_is_refused_by_name(client: Client) -> None:
    answer = client.get("/api/v1/texts/web_push/passage/", {**ANSWERS, "statistics": "perhaps"})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"statistics"}
    assert client.get("/api/v1/texts/web_push/passage/", {**ANSWERS, "language": "fr"}).status_code == 400


@pytest.mark.parametrize(
    "address", ["/api/v1/texts/letter/passage/", "/api/v1/texts/telegram/letter/", "/api/v1/texts/telegram/passage/?version=9"]
)
def test_what_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(address, ANSWERS if "?" not in address else None).status_code == 404


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(client: Client, verb: str) -> None:
    for address in ("/api/v1/texts/", "/api/v1/texts/versions/", "/api/v1/texts/telegram/passage/"):
        assert getattr(client, verb)(address).status_code == 405


def test_the_schema_describes_the_texts(client: Client) -> None:
    schema = client.get("/api/v1/schema/?format=json").json()
    operation = schema["paths"]["/api/v1/texts/{key}/{kind}/"]["get"]
    assert {"language", "version", "statistics", "content"} <= {row["name"] for row in operation["parameters"]}
