"""Published bytes before Django: the same for everybody, never anybody's own, and gone within a second of a publication."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from compliance_portal import published_bytes
from compliance_portal.published_bytes import SECTIONS, PublishedBytes
from customers.models import Provider
from tests.factories import agreement, customers, registers

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[PublishedBytes]:
    """The wrapped portal, in whose thread the test's transaction stays open, as the test client keeps it."""
    monkeypatch.setattr(published_bytes, "close_old_connections", lambda: None)
    monkeypatch.setattr(published_bytes, "SECOND", 3600.0)  # here a second passes when a test says so
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    customers.provider()
    agreement.published()
    yield PublishedBytes(WSGIHandler())
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


class Answer:
    """What came back, and with how many queries."""

    def __init__(self, portal: Any, path: str, method: str = "GET", query: str = "", **environ: str) -> None:
        given = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "testserver", "SERVER_PORT": "80"}
        given |= {"SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "HTTP_HOST": "testserver"}
        with CaptureQueriesContext(connection) as captured:
            body = portal({**given, "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), **environ}, self.begin)
            self.body = b"".join(body)
            getattr(body, "close", lambda: None)()
        self.queries = len(captured)

    def begin(self, status: str, headers: list[tuple[str, str]], _problem: object = None) -> None:
        self.status, self.headers = int(status[:3]), dict(headers)


def a_second_passes(portal: PublishedBytes) -> None:
    portal.good_until = portal.ask_again_at = 0


PUBLIC = ["/de/", "/en/dpa/", "/en/tom/", "/en/subprocessors/", "/en/documents/", "/en/updates/", "/en/subprocessors/subprocessors.json"]


@pytest.mark.parametrize("path", PUBLIC)
def test_the_second_visitor_gets_the_same_bytes_without_a_query(portal: PublishedBytes, path: str) -> None:
    first = Answer(portal, path)
    second = Answer(portal, path)
    assert (first.status, second.status) == (200, 200)
    assert second.body == first.body
    assert second.queries == 0
    own = {"X-Request-Id"}
    assert {n: v for n, v in first.headers.items() if n not in own} == {n: v for n, v in second.headers.items() if n not in own}
    assert len(second.headers["X-Request-Id"]) == 32
    assert second.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert "Content-Security-Policy" in second.headers


def test_who_holds_the_bytes_gets_304_and_a_head_gets_no_body(portal: PublishedBytes) -> None:
    first = Answer(portal, "/en/subprocessors/")
    again = Answer(portal, "/en/subprocessors/", HTTP_IF_NONE_MATCH=f'"other", {first.headers["ETag"]}')
    assert (again.status, again.body, again.queries) == (304, b"", 0)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Content-Length" not in again.headers
    looked = Answer(portal, "/en/subprocessors/", method="HEAD")
    assert (looked.status, looked.body) == (200, b"")
    assert looked.headers["Content-Length"] == str(len(first.body))


def test_a_publication_is_seen_within_a_second_and_asked_for_once_in_it(portal: PublishedBytes) -> None:
    old = Answer(portal, "/en/subprocessors/")
    registers.publish_subprocessors(registers.draft_subprocessors(registers.entry("fresh")))
    a_second_passes(portal)
    new = Answer(portal, "/en/subprocessors/")
    assert b"Fresh GmbH" in new.body
    assert b"Fresh GmbH" not in old.body
    a_second_passes(portal)
    assert Answer(portal, "/en/subprocessors/").queries == 1
    assert Answer(portal, "/en/subprocessors/").queries == 0


def test_a_change_of_the_providers_facts_is_seen_as_well(portal: PublishedBytes) -> None:
    Answer(portal, "/en/imprint/")
    Provider.objects.update(legal_name="Other Provider GmbH")
    a_second_passes(portal)
    assert b"Other Provider GmbH" in Answer(portal, "/en/imprint/").body


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_COOKIE": "session=x"},
        {"HTTP_COOKIE": "theme=dark"},
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"REQUEST_METHOD": "POST"},
        {"QUERY_STRING": "q=host"},
        {"HTTP_RANGE": "bytes=0-1"},
    ],
    ids=str,
)
def test_whatever_is_somebodys_own_goes_to_django_and_is_kept_for_nobody(portal: PublishedBytes, environ: dict[str, str]) -> None:
    Answer(portal, "/en/subprocessors/", **environ)
    assert portal.kept == {}


@pytest.mark.parametrize(
    "path", ["/en/login/", "/en/account/", "/en/subprocessors/subscribe/", "/en/subprocessors/nobody/", "/livez", "/en/texts/"]
)
def test_pages_that_are_not_public_or_not_found_are_never_kept(portal: PublishedBytes, path: str) -> None:
    Answer(portal, path)
    assert portal.kept == {}


def test_an_answer_that_was_begun_before_a_publication_is_not_kept_after_it(portal: PublishedBytes) -> None:
    """The slow request reads the old rows, another one notices the publication, then the slow one comes back."""
    django = portal.application

    def slow(environ: Any, start_response: Any) -> Any:
        answer = django(environ, start_response)
        portal.state = "published meanwhile"
        return answer

    portal.application = slow
    Answer(portal, "/en/subprocessors/")
    assert portal.kept == {}


def test_without_an_answer_of_the_database_django_is_asked(portal: PublishedBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    Answer(portal, "/en/subprocessors/")
    monkeypatch.setattr(published_bytes, "state_of_the_tables", lambda: None)
    a_second_passes(portal)
    assert Answer(portal, "/en/subprocessors/").queries > 0


def test_what_is_kept_stays_within_its_bounds(portal: PublishedBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published_bytes, "MOST_ENTRIES", 3)
    for path in PUBLIC:
        Answer(portal, path)
        assert len(portal.kept) <= 3
        assert portal.size == sum(kept.size for kept in portal.kept.values())


def test_every_kept_section_is_written_down_here() -> None:
    """A further section must read nothing but the tables whose changes are noticed: look before adding one."""
    assert {"", "dpa", "tom", "subprocessors", "documents", "updates", "help", "imprint", "privacy", "accessibility"} == SECTIONS


# Rows of published versions, which triggers keep as they are: only their version's row, which is watched, can bring others.
FROZEN = {"subprocessors_subprocessor", "toms_category", "toms_control", "toms_measure", "privacy_text_sampletextpart", "toms_weakening"}
FROZEN |= {"privacy_text_passagesection"}
WATCHED = {*published_bytes.TABLES, *FROZEN}


def test_no_kept_page_reads_a_table_whose_changes_nobody_would_notice(portal: PublishedBytes) -> None:
    with CaptureQueriesContext(connection) as captured:
        for path in [*PUBLIC, "/en/", "/en/documents/all.zip", "/en/help/", "/en/imprint/", "/en/privacy/", "/en/accessibility/", *FURTHER]:
            Answer(portal, path)
    assert len(portal.kept) >= len(PUBLIC) + len(FURTHER)
    read = {table for query in captured for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    assert read <= WATCHED, read - WATCHED


FURTHER = [
    "/en/dpa/versions/",
    "/en/dpa/v/1.0/",
    "/en/tom/versions/",
    "/en/tom/v/1/",
    "/en/subprocessors/versions/",
    "/en/subprocessors/v/1/",
]
FURTHER += ["/en/subprocessors/hetzner/", "/en/subprocessors/subprocessors.csv", "/en/tom/measures.csv", "/en/updates/feed.atom"]
FURTHER += ["/en/dpa/v/1.0/agreement.txt", "/en/dpa/v/1.0/agreement.docx", "/en/updates/feed.json"]
