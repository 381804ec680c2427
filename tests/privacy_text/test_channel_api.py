"""Channels in the API: the vendor's dashboard reads states and complete texts, and activates only when the agreement is in force."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from customers.models import CLOSED, Channel, User
from customers.services import issue_token
from privacy_text.reading import open_question
from tests.factories import channels
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


def headers(person: User, *scopes: str) -> dict[str, Any]:
    now = timezone.now()
    assert person.customer is not None
    _row, secret = issue_token(
        customer=person.customer, name="dashboard", scopes=scopes, expires_at=now + datetime.timedelta(days=1), by=person, at=now
    )
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


@pytest.fixture
def channel() -> Channel:
    channels.published()
    return channels.channel()


def test_a_token_reads_its_companys_channels_and_their_states(client: Client, channel: Channel) -> None:
    channels.channel()  # another company's
    key = channels.key_of(channel)
    channels.templated(channels.key_of(channel, "opt_in"))
    channels.complete(key)
    (row,) = client.get("/api/v1/channels/", **headers(channels.person_of(channel), "channels:read")).json()
    assert row["public_id"] == str(channel.public_id)
    assert row["active"] is False
    assert [(text["kind"], text["state"], text["missing"]) for text in row["texts"]] == [
        ("opt_in", "incomplete", ["content"]),
        ("passage", "current", []),
    ]
    assert row["embed"]["html"].endswith(f"/embed/{channel.public_id}.html")


def test_a_complete_text_comes_with_its_facts_and_an_open_one_with_what_is_missing(client: Client, channel: Channel) -> None:
    allowed = headers(channels.person_of(channel), "channels:read")
    address = f"/api/v1/channels/{channel.public_id}/texts/passage/de/"
    assert client.get(address, **allowed).status_code == 404
    channels.templated(channels.key_of(channel))
    refused = client.get(address, **allowed)
    assert (refused.status_code, refused.json()["code"]) == (409, "text_incomplete")
    with override("de"):
        assert f"content ({open_question('content').label})" in refused.json()["title"]
    channels.saved(channels.key_of(channel))
    answer = client.get(address, **allowed).json()
    assert answer["number"] == 2
    assert "Rechtsberatung" in answer["disclaimer"]
    assert answer["paragraphs"][0]["facts"]


def test_an_embed_of_an_open_text_says_what_it_asks_and_one_of_a_complete_text_shows_that(client: Client, channel: Channel) -> None:
    address = f"/embed/{channel.public_id}.html"
    assert client.get(address).content == b"No complete text under this address.\n"
    channels.templated(channels.key_of(channel))
    refused = client.get(address)
    with override("de"):
        asked = open_question("content").label
    assert (refused.status_code, f"Open: {asked}" in refused.content.decode()) == (404, True)
    channels.saved(channels.key_of(channel))
    assert client.get(address).status_code == 200
    channels.templated(channels.key_of(channel))
    assert client.get(address).status_code == 200, "the last complete text stays until the open one is answered"


@pytest.mark.parametrize("path", ["", "texts/passage/de/", "activation/"])
def test_another_companys_token_finds_no_channel(client: Client, channel: Channel, path: str) -> None:
    channels.complete(channels.key_of(channel))
    allowed = headers(people.stranger(), "channels:read", "channels:write")
    if path:
        address = f"/api/v1/channels/{channel.public_id}/{path}"
        answer = client.post(address, **allowed) if path == "activation/" else client.get(address, **allowed)
        assert answer.status_code == 404
    else:
        assert client.get("/api/v1/channels/", **allowed).json() == []


@pytest.mark.parametrize(("scope", "path"), [("agreement:read", ""), ("channels:write", ""), ("channels:read", "activation/")])
def test_a_token_without_the_scope_is_refused(client: Client, channel: Channel, scope: str, path: str) -> None:
    allowed = headers(channels.person_of(channel), scope)
    if path:
        assert client.post(f"/api/v1/channels/{channel.public_id}/{path}", **allowed).status_code == 403
    else:
        assert client.get("/api/v1/channels/", **allowed).status_code == 403


def test_a_channel_is_activated_by_the_api_only_when_the_agreement_is_in_force(client: Client, channel: Channel) -> None:
    allowed = headers(channels.person_of(channel), "channels:write")
    address = f"/api/v1/channels/{channel.public_id}/activation/"
    company = channel.customer
    company.agreement_valid_until = CLOSED
    company.save()
    refused = client.post(address, **allowed)
    assert (refused.status_code, refused.json()["code"]) == (409, "agreement_required")
    assert not Channel.objects.active().exists()
    company.agreement_valid_until = people.IN_FORCE
    company.save()
    assert client.post(address, **allowed).json() == {"public_id": str(channel.public_id), "active": True}
    assert Channel.objects.active().exists()


def test_nobody_reads_channels_without_a_token_or_a_login(client: Client, channel: Channel) -> None:
    assert client.get("/api/v1/channels/").status_code == 401
    assert client.post(f"/api/v1/channels/{channel.public_id}/activation/").status_code == 401
