"""The sample texts: complete in both languages, published by two people, frozen, and honest about what is open."""

from __future__ import annotations

import datetime
import itertools
import json
import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

import publishing.services
from customers.models import ChannelType, User
from evidence.models import Event
from privacy_text import drafting, services
from privacy_text.models import SampleText, SampleTextPart
from privacy_text.questions import known_names
from publishing import placeholders
from tests.factories import customers as people

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 24, 10, tzinfo=datetime.UTC)
TYPES = ("web_push", "app_push", "facebook_messenger", "telegram")
TEXTS = drafting.sample()["texts"]
EVERY_TEXT = [
    pytest.param(text, language, id=f"{key}-{language}-{name}")
    for key, languages in TEXTS.items()
    for language, texts in languages.items()
    for name, text in texts.items()
]


def staff() -> tuple[User, User]:
    return people.person(is_staff=True), people.person(is_staff=True)


def published() -> SampleText:
    author, approver = staff()
    return services.load_sample(by=author, approved_by=approver, at=NOW)


def test_the_sample_holds_every_kind_of_text_for_every_channel_type_in_both_languages() -> None:
    version = published()
    found = set(version.parts.values_list("channel_type__key", "language", "kind"))
    everywhere = set(itertools.product(TYPES, ("de", "en"), SampleTextPart.Kind.values))
    assert everywhere - found == set(itertools.product(("web_push", "app_push"), ("de", "en"), ["opt_in_profile"]))  # push knows no names
    assert found <= everywhere


def test_the_channel_types_say_where_they_live() -> None:
    kinds = dict(ChannelType.objects.values_list("key", "kind"))
    assert kinds == {"web_push": "website", "app_push": "app", "facebook_messenger": "messenger", "telegram": "messenger"}


@pytest.mark.parametrize(("text", "language"), EVERY_TEXT)
def test_a_sample_text_is_well_formed(text: str, language: str) -> None:
    assert placeholders.names(text) <= known_names()
    assert "[" not in text
    assert "!" not in text
    assert "Facebook Inc" not in text
    if language == "de":
        assert not re.search(r"\bbitte\b", text, re.IGNORECASE)
        assert "§ " not in text
        assert "Abs. " not in text


@pytest.mark.parametrize("key", TYPES)
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_sample_names_sender_content_withdrawal_and_privacy_notice(key: str, language: str) -> None:
    texts = TEXTS[key][language]
    assert "{{ customer_name }}" in texts["title"]
    assert "{{ content }}" in texts["message"]
    assert "{{ privacy_url }}" in texts["privacy"]
    assert ("widerrufen" if language == "de" else "withdraw") in texts["privacy"]
    assert ("freiwillig" if language == "de" else "voluntary") in texts["privacy"]
    assert len(texts["allow"]) <= 15
    assert len(texts["later"]) <= 15


def test_the_person_who_wrote_the_sample_does_not_approve_it() -> None:
    author, _approver = staff()
    with pytest.raises(publishing.services.AuthorMayNotApprove):
        services.load_sample(by=author, approved_by=author, at=NOW)
    assert not SampleText.objects.exists()


def test_loading_the_sample_twice_changes_nothing() -> None:
    version = published()
    assert published() == version
    assert SampleText.objects.count() == 1


def test_the_publication_is_in_the_ledger_with_the_hash() -> None:
    version = published()
    event = json.loads(bytes(Event.objects.get().canonical))
    assert version.sha256 in json.dumps(event)


def approved_draft(change: Any) -> SampleText:
    author, approver = staff()
    draft = SampleText.objects.create(created_by=author, created_at=NOW)
    drafting.fill_from(draft, drafting.sample())
    change(draft)
    return publishing.services.approve(version=draft, by=approver, at=NOW)


def test_an_incomplete_version_is_not_published() -> None:
    version = approved_draft(lambda draft: draft.parts.filter(language="en", kind="opt_in_title", channel_type__key="telegram").delete())
    with pytest.raises(services.TextsMissing) as refusal:
        services.publish(version=version, by=staff()[0], at=NOW)
    assert refusal.value.missing == [("telegram", "en", "opt_in_title")]


def test_a_placeholder_that_customers_cannot_fill_is_not_published() -> None:
    version = approved_draft(lambda draft: draft.parts.filter(kind="opt_in_title").update(text="{{ secret }}"))
    with pytest.raises(placeholders.UnknownPlaceholder, match="secret"):
        services.publish(version=version, by=staff()[0], at=NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE privacy_text_sampletext SET change_note_de = 'x'",
        "DELETE FROM privacy_text_sampletext",
        "UPDATE privacy_text_sampletextpart SET text = 'x'",
        "DELETE FROM privacy_text_sampletextpart",
        "INSERT INTO privacy_text_sampletextpart SELECT * FROM privacy_text_sampletextpart LIMIT 1",
        "TRUNCATE privacy_text_sampletextpart",
    ],
)
def test_the_database_keeps_what_was_published(statement: str) -> None:
    published()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE waits for no check
        with pytest.raises(IntegrityError, match="is refused"), transaction.atomic():
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"text": ""}, "privacy_text_part_not_empty"),
        ({"kind": "passage"}, "privacy_text_part_kind_known"),
        ({"language": "fr"}, "privacy_text_part_language_known"),
    ],
)
def test_the_database_refuses_a_part_that_nobody_could_show(changes: dict[str, str], constraint: str) -> None:
    draft = SampleText.objects.create(created_by=staff()[0], created_at=NOW)
    fields = {
        "version": draft,
        "channel_type": ChannelType.objects.get(key="telegram"),
        "language": "de",
        "kind": "opt_in_title",
        "text": "x",
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SampleTextPart.objects.create(**{**fields, **changes})


# --- pages


def test_the_list_shows_the_disclaimer_and_every_channel_type(client: Client) -> None:
    people.provider()
    published()
    page = client.get("/en/texts/").content.decode()
    assert "Sample without legal advice." in page
    for key in TYPES:
        assert f"/en/texts/{key}/" in page


def test_the_page_speaks_the_readers_language(client: Client) -> None:
    people.provider()
    published()
    assert "Ihre Einwilligung ist freiwillig" in client.get("/de/texts/web_push/").content.decode()
    assert "Your consent is voluntary" in client.get("/en/texts/web_push/").content.decode()


def test_before_the_first_version_the_pages_say_so(client: Client) -> None:
    people.provider()
    for address in ("/en/texts/", "/en/texts/telegram/"):
        assert "No sample texts have been published yet." in client.get(address).content.decode()


def test_an_unknown_channel_type_is_not_found(client: Client) -> None:
    people.provider()
    assert client.get("/en/texts/letter/").status_code == 404


def test_the_pages_may_be_kept_and_set_no_cookie(client: Client) -> None:
    people.provider()
    published()
    answer = client.get("/en/texts/telegram/")
    assert "public" in answer.headers["Cache-Control"]
    assert not answer.cookies
    assert client.get("/en/texts/telegram/", headers={"if-none-match": answer.headers["ETag"]}).status_code == 304
