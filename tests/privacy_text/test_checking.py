"""The look at a company's public page: found, outdated, missing, not reached; what the page says is not kept."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client

from notifications import fetching
from privacy_text import checking
from privacy_text.models import ChannelText, Placement
from privacy_text.reading import TextKey, as_composed, current_sources
from tests.factories import channels
from tests.factories.channels import AT

pytestmark = pytest.mark.django_db
PAGE = "https://muster.example/datenschutz"
LATER = AT + datetime.timedelta(days=1)


@pytest.fixture
def key() -> TextKey:
    channels.published()
    return channels.key_of(channels.channel())


@pytest.fixture
def placement(key: TextKey) -> Placement:
    return Placement.objects.create(channel=key.channel, page_url=PAGE)


def mark_of(text: ChannelText) -> str:
    return as_composed(text, current_sources(AT.date())).mark


def look(
    monkeypatch: pytest.MonkeyPatch, placement: Placement, page: str = "", status: int = 200, error: Exception | None = None
) -> Placement:
    def answer(address: str, **_limits: Any) -> fetching.Answer:
        assert address == PAGE
        if error is not None:
            raise error
        return fetching.Answer(status, page.encode(), is_cut=False)

    monkeypatch.setattr(checking, "ask", answer)
    checking.check(placement.pk, LATER)
    placement.refresh_from_db()
    return placement


@pytest.mark.parametrize("around", ["<p>…, Marke {mark}</p>", '<section data-mark="{mark}">', "{mark}", "({mark}.)", "{mark}\n\nmore"])
def test_a_copy_with_the_current_mark_is_found(monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement, around: str) -> None:
    text = channels.complete(key)
    assert look(monkeypatch, placement, f"<html>{around.format(mark=mark_of(text))}</html>").found == "found"
    assert placement.checked_at == LATER


@pytest.mark.parametrize("form", ["html", "js"])
def test_an_embedded_passage_is_always_the_current_one(
    monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement, form: str
) -> None:
    channels.complete(key)
    page = f'<script src="https://portal.example/embed/{key.channel.public_id}.{form}"></script>'
    assert look(monkeypatch, placement, page).found == "found"


def test_what_the_portal_hands_out_is_found_again(monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement) -> None:
    channels.complete(key)
    page = Client().get(f"/embed/{key.channel.public_id}.html").content.decode()
    assert str(key.channel.public_id) not in page
    assert look(monkeypatch, placement, page).found == "found"


def test_a_copy_of_an_earlier_version_is_outdated(monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement) -> None:
    old = mark_of(channels.complete(key))
    channels.newer_texts(LATER, {"storage": "… Neu."})
    channels.templated(key, LATER)
    new = mark_of(channels.saved(key, LATER))
    assert old != new
    assert look(monkeypatch, placement, f"<p>{old}</p>").found == "outdated"
    assert look(monkeypatch, placement, f"<p>{new}</p>").found == "found"
    assert look(monkeypatch, placement, f"<p>{new}1</p>").found == "outdated", "another number that begins alike"


@pytest.mark.parametrize("page", ["", "<h1>Datenschutz</h1>", "<p>telegram/passage/1/1</p>"])
def test_a_page_without_the_passage_lacks_it(monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement, page: str) -> None:
    channels.complete(key)
    assert look(monkeypatch, placement, page).found == "missing"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"status": 301}, "redirect"),
        ({"status": 404}, "status"),
        ({"error": fetching.AddressRefused("not_public")}, "not_public"),
        ({"error": fetching.NotReached("certificate")}, "certificate"),
    ],
)
def test_a_page_that_is_not_reached_says_why(
    monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement, given: dict[str, Any], reason: str
) -> None:
    channels.complete(key)
    seen = look(monkeypatch, placement, **given)
    assert (seen.found, seen.reason) == ("unreachable", reason)


def test_a_result_for_a_page_that_was_changed_meanwhile_is_dropped(
    monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement
) -> None:
    text = channels.complete(key)

    def answer(_address: str, **_limits: Any) -> fetching.Answer:
        Placement.objects.update(page_url="https://muster.example/neu")
        return fetching.Answer(200, mark_of(text).encode(), is_cut=False)

    monkeypatch.setattr(checking, "ask", answer)
    checking.check(placement.pk, LATER)
    placement.refresh_from_db()
    assert placement.found == ""
