"""What an archive says of itself: page, manifest and files agree, and whoever reads it by machine gets what was recorded."""

from __future__ import annotations

import csv
import io
import json
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from customers.models import Customer, User
from deletion import contents, exporting, returning
from subscriptions import services as subscribing
from subscriptions.recording import Item
from tests.deletion.test_erasure_requests import sign_in
from tests.deletion.test_export import opened
from tests.factories import customers as people

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
ODD = ["+4915112345678", "=1+1", "https://push.example/a;+b", "'quoted'", "zwei\nZeilen", "a\u2028b", "ä\x01b"]


@pytest.fixture
def company() -> Customer:
    people.provider()
    return people.customer(legal_name="Muster Verlag")


@pytest.fixture
def owner(company: Customer) -> User:
    return people.owner(company)


def rows_of_json(company: Customer) -> list[dict[str, Any]]:
    archive = opened(returning.archive(customer=company, at=timezone.now()))
    return [json.loads(line) for line in archive.read("subscriptions.jsonl").decode().splitlines()]


def test_a_machine_reads_every_identifier_as_it_was_recorded(company: Customer, owner: User) -> None:
    now = timezone.now()
    items = [Item(identifier=text, channel_type="web_push", registered_at=now, topic=f"-{text}"[:100]) for text in ODD]
    results = subscribing.record_batch(customer=company, items=items, by=owner, at=now)
    rows = rows_of_json(company)
    assert [(row["id"], row["identifier"], row["topic"]) for row in rows] == [
        (result.number, text, f"-{text}") for result, text in zip(results, ODD, strict=True)
    ]
    assert {row["registered_at"] for row in rows} == {now.isoformat()}
    assert {row["cancelled_at"] for row in rows} == {None}
    archive = opened(returning.archive(customer=company, at=now))
    table = list(csv.DictReader(io.StringIO(archive.read("subscriptions.csv").decode(), newline="")))
    assert table[0]["identifier"] == "'+4915112345678", "the table is for people and their spreadsheets"
    assert list(table[0]) == list(rows[0])


def test_the_manifest_names_the_rule_of_the_tables_and_what_is_missing_in_english(company: Customer) -> None:
    with override("de"):
        archive = opened(returning.archive(customer=company, at=timezone.now()))
    manifest = json.loads(archive.read("manifest.json"))
    assert "apostrophe" in manifest["csv"]
    assert "subscriptions.jsonl" in manifest["csv"]
    with override("en"):
        assert manifest["not_included"] == [str(omission.words) for omission in contents.NOT_INCLUDED]
    said = " ".join(manifest["not_included"])
    for words in ("drafts of texts", "keyed hashes"):
        assert words in said


def test_every_file_of_the_archive_is_described_once() -> None:
    described = [name for part in contents.HOLDS for name in part.files]
    assert sorted(described) == sorted([*exporting.FILES, *returning.TABLES, "documents/"])


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_says_all_that_the_archive_holds_and_lacks(client: Client, company: Customer, owner: User, language: str) -> None:
    page = sign_in(client, owner).get(f"/{language}/account/export/").content.decode()
    shown = " ".join(unescape(page).replace("\u00ad", "").replace("\u00a0", " ").split())
    with override(language):
        words = [str(each.words) for each in (*contents.HOLDS, *contents.NOT_INCLUDED)] + [str(contents.CSV_RULE)]
    for text in words:
        assert text.replace("\u00ad", "").replace("\u00a0", " ") in shown, text
    for part in contents.HOLDS:
        assert ", ".join(part.files) in shown
    if language == "de":
        with override("en"):
            assert not {str(each.words) for each in contents.HOLDS} & set(words), "all of it is translated"
