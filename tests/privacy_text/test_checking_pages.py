"""The look at a real page: asked over TLS by the hardened client, judged by the mark, and never led anywhere else."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path

import pytest
from django.test import Client

from notifications import fetching
from privacy_text import checking
from privacy_text.models import Placement
from privacy_text.reading import TextKey, as_composed, current_sources
from tests.factories import channels
from tests.factories.channels import AT
from tests.notifications.serving import NAME, Answering, Canary, answer, resolve, serving_as

pytestmark = pytest.mark.django_db
LATER = AT + datetime.timedelta(days=1)
PAGE = "<!doctype html><html lang=de><title>Datenschutz</title><main><h1>Datenschutzerklärung</h1>{passage}</main></html>"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HTTPServer]:
    with serving_as(NAME, monkeypatch, tmp_path) as serving:
        yield serving


@pytest.fixture
def key() -> TextKey:
    channels.published()
    return channels.key_of(channels.channel())


@pytest.fixture
def placement(key: TextKey, server: HTTPServer) -> Placement:
    channels.complete(key)
    return Placement.objects.create(channel=key.channel, page_url=f"https://{NAME}:{server.server_port}/datenschutz?a=1")


def looked_at(placement: Placement) -> tuple[str, str]:
    checking.check(placement.pk, LATER)
    placement.refresh_from_db()
    assert placement.checked_at == LATER
    return placement.found, placement.reason


def embedded(key: TextKey) -> str:
    return Client().get(f"/embed/{key.channel.public_id}.html").content.decode()


def mark_of(key: TextKey) -> str:
    text = channels.latest(key)
    assert text is not None
    return as_composed(text, current_sources(AT.date())).mark


def test_a_page_that_shows_the_passage_is_found_and_asked_without_cookies(
    monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement
) -> None:
    answer(monkeypatch, 200, PAGE.format(passage=embedded(key)).encode(), **{"Content-Type": "text/html; charset=utf-8"})
    assert looked_at(placement) == ("found", "")
    (asked,) = Answering.asked
    assert asked["user-agent"] == "compliance-portal-check/1"
    assert {"cookie", "authorization", "referer"}.isdisjoint(asked)


def test_a_page_that_embeds_by_script_is_found(monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement) -> None:
    script = f'<script src="https://portal.example/embed/{key.channel.public_id}.js?language=de"></script>'
    answer(monkeypatch, 200, PAGE.format(passage=script).encode())
    assert looked_at(placement) == ("found", "")


def test_a_page_left_at_an_earlier_version_is_outdated(monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement) -> None:
    left = PAGE.format(passage=embedded(key)).encode()
    answer(monkeypatch, 200, left)
    assert looked_at(placement) == ("found", "")
    before = mark_of(key)
    channels.newer_texts(LATER, {"storage": "… Neu."})
    channels.templated(key, LATER)
    channels.saved(key, LATER)
    assert mark_of(key) != before
    assert looked_at(placement) == ("outdated", "")


def test_a_page_without_the_passage_lacks_it(monkeypatch: pytest.MonkeyPatch, placement: Placement) -> None:
    answer(monkeypatch, 200, PAGE.format(passage="<p>Nichts über Nachrichten.</p>").encode())
    assert looked_at(placement) == ("missing", "")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_an_inner_address_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement, status: int
) -> None:
    """Even a body that shows the mark counts for nothing: the page that people see is another one."""
    listening = Canary()
    page = PAGE.format(passage=embedded(key)).encode()
    for location in (f"https://127.0.0.1:{listening.port}/", f"http://localhost:{listening.port}/", f"//[::1]:{listening.port}/"):
        answer(monkeypatch, status, page, Location=location)
        assert looked_at(placement) == ("unreachable", "redirect")
    listening.close()
    assert listening.heard == 0
    assert len(Answering.asked) == 3


def test_a_name_that_leads_to_an_inner_address_by_now_is_refused(
    monkeypatch: pytest.MonkeyPatch, server: HTTPServer, placement: Placement
) -> None:
    answer(monkeypatch, 200, b"secret")
    monkeypatch.undo()
    monkeypatch.setattr(fetching, "PORTS", (443, server.server_port))
    for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"):
        resolve(monkeypatch, [address])
        assert looked_at(placement) == ("unreachable", "not_public")
    assert Answering.asked == []


def test_a_certificate_that_nobody_trusts_is_refused(monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement) -> None:
    monkeypatch.setattr(fetching, "tls_context", fetching.ssl.create_default_context)
    answer(monkeypatch, 200, PAGE.format(passage=embedded(key)).encode())
    assert looked_at(placement) == ("unreachable", "certificate")


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_a_page_that_answers_with_an_error_is_not_read(
    monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement, status: int
) -> None:
    answer(monkeypatch, status, PAGE.format(passage=embedded(key)).encode())
    assert looked_at(placement) == ("unreachable", "status")


def test_a_passage_far_down_a_long_page_is_found_as_far_as_is_read(
    monkeypatch: pytest.MonkeyPatch, key: TextKey, placement: Placement
) -> None:
    passage, long = embedded(key).encode(), b"<p>x</p>" * 200_000
    answer(monkeypatch, 200, long + passage)
    assert looked_at(placement) == ("found", "")
    answer(monkeypatch, 200, long + long + passage)
    assert len(long) * 2 > checking.MOST_BYTES
    assert looked_at(placement) == ("unreachable", "too_long")
