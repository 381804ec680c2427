"""Published pages and files as bytes, before Django: what is the same for everybody is made once and then only handed out.

A process keeps what Django answered to visitors without a cookie, and asks the database at most once a second whether anything
that those pages show has changed; so a publication is seen everywhere within a second, and no request waits for a query.
"""

from __future__ import annotations

import datetime
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Headers = list[tuple[str, str]]

SECOND = 1.0
MOST_ENTRIES, MOST_BYTES, LARGEST = 512, 64_000_000, 4_000_000
TREES = tuple(f"/{code}/" for code, _name in settings.LANGUAGES)
# Whose pages read nothing but the tables below; another page would never learn of its changes.
SECTIONS = frozenset(("", "dpa", "tom", "subprocessors", "documents", "updates", "help", "imprint", "privacy", "accessibility"))
QUERIES = frozenset(("", *(f"language={code}" for code, _name in settings.LANGUAGES)))
PERSONAL = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_RANGE", "HTTP_HX_REQUEST", "HTTP_IF_MODIFIED_SINCE")
TABLES: tuple[str, ...] = (
    "dpa_agreementversion",
    "dpa_agreementtext",
    "dpa_agreementdocument",
    "toms_measureset",
    "toms_measuresetdocument",
)
TABLES += ("subprocessors_subprocessorlist", "subprocessors_subprocessorlistdocument", "subprocessors_announcement")
TABLES += ("subprocessors_announcedchange", "privacy_text_sampletext", "customers_provider")
# Every write gives its row another xmin; rows of one table are summed, since transactions commit in any order.
OF_ONE_TABLE = "(SELECT coalesce(sum(hashtext(xmin::text || ':' || id)::bigint), 0) || '/' || count(*) FROM {table})"
STATE = f"SELECT {', '.join(OF_ONE_TABLE.replace('{table}', table) for table in TABLES)}"  # tables of our own


class Kept(NamedTuple):
    """An answer as it left Django."""

    etag: str
    headers: Headers
    body: bytes

    def answer(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        """Hand the bytes out, or 304 to whoever holds them (RFC 9110, 13.1.2); each answer has its own number."""
        number = ("X-Request-Id", secrets.token_hex(16))
        if self.etag and self.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", [*(header for header in self.headers if header[0] not in OF_THE_BODY), number])
            return []
        start_response("200 OK", [*self.headers, number])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


OF_THE_BODY = frozenset(("Content-Length", "Content-Type", "Content-Disposition", "Content-Language"))


class PublishedBytes:
    """Wraps the portal's WSGI application."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.lock = threading.Lock()
        self.kept: dict[tuple[str, ...], Kept] = {}
        self.size = 0
        self.state: object = None
        self.asked_at = -SECOND

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        if key is None or not self.is_fresh():
            return self.application(environ, start_response)
        kept = self.kept.get(key)
        if kept is not None:
            return kept.answer(environ, start_response)
        return self.ask(key, environ, start_response)

    def is_fresh(self) -> bool:
        """Forget everything when something was published; at most one question to the database a second. False when it does not answer."""
        if time.monotonic() - self.asked_at < SECOND:
            return self.state is not None
        with self.lock:
            if time.monotonic() - self.asked_at >= SECOND:
                state = state_of_the_tables()
                if state != self.state:
                    self.kept, self.size = {}, 0
                self.state, self.asked_at = state, time.monotonic()
        return self.state is not None

    def ask(self, key: tuple[str, ...], environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Let Django answer, and keep the answer if it is for everybody and nothing was published meanwhile."""
        before, begun = self.state, Begun()
        response = self.application(environ, begun)
        if not is_for_everybody(begun) or environ["REQUEST_METHOD"] != "GET":
            start_response(begun.status, begun.headers)
            return response
        try:
            body = b"".join(response)
        finally:
            getattr(response, "close", lambda: None)()
        start_response(begun.status, begun.headers)
        headers = [header for header in begun.headers if header[0] != "X-Request-Id"]
        self.keep(key, Kept(dict(begun.headers).get("ETag", ""), headers, body), before)
        return [body]

    def keep(self, key: tuple[str, ...], made: Kept, before: object) -> None:
        with self.lock:
            if self.state != before or key in self.kept:
                return
            if len(self.kept) >= MOST_ENTRIES or self.size + len(made.body) > MOST_BYTES:
                self.kept, self.size = {}, 0
            self.kept[key] = made
            self.size += len(made.body)


class Begun:
    """What Django says before the body."""

    def __init__(self) -> None:
        self.status, self.headers = "", []  # type: str, Headers

    def __call__(self, status: str, headers: Headers, _problem: object = None) -> None:
        self.status, self.headers = status, headers


def key_of(environ: Environ) -> tuple[str, ...] | None:
    """Return what the answer depends on, or None for a request that Django has to see: another method, a cookie, a page not listed."""
    path = environ.get("PATH_INFO", "")
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not path.startswith(TREES):
        return None
    if path[4:].partition("/")[0] not in SECTIONS or environ.get("QUERY_STRING", "") not in QUERIES:
        return None
    for name in PERSONAL:
        if name in environ:
            return None
    origin = environ.get("wsgi.url_scheme", ""), environ.get("HTTP_X_FORWARDED_PROTO", ""), environ.get("HTTP_HOST", "")
    return (*origin, path, environ.get("QUERY_STRING", ""))


def is_for_everybody(begun: Begun) -> bool:
    """Say whether the answer is a page or file that caches may share, of a size worth keeping."""
    headers = {name.lower(): value for name, value in begun.headers}
    is_public = "public" in headers.get("cache-control", "") and "set-cookie" not in headers
    varies = {name.strip().lower() for name in headers.get("vary", "").split(",") if name.strip()}
    has_size = int(headers.get("content-length") or LARGEST + 1) <= LARGEST
    return begun.status == "200 OK" and is_public and varies <= {"cookie"} and has_size


def state_of_the_tables() -> object:
    """Return what changes with every write to the tables and with every day; None while the database cannot say."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(STATE)
            row = cursor.fetchone()
    except DatabaseError:
        return None
    finally:
        close_old_connections()
    return (*row, datetime.datetime.now(tz=ZoneInfo(settings.TIME_ZONE)).date())
