"""Published pages and files as bytes, before Django: what is the same for everybody is made once and then only handed out.

A process keeps what Django answered to visitors without a cookie, and asks the database at most once a second whether anything
that those pages show has changed; so a publication is seen everywhere within a second, and no request waits for a query.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterable
from os import urandom
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Headers = list[tuple[str, str]]
Key = tuple[str | None, ...]

SECOND = 1.0
MOST_ENTRIES, MOST_BYTES, LARGEST = 512, 64_000_000, 4_000_000
TREES = tuple(f"/{code}/" for code, _name in settings.LANGUAGES)
# Whose pages read nothing but the tables below; another page would never learn of its changes.
SECTIONS = frozenset(("", "dpa", "tom", "subprocessors", "documents", "updates", "help", "imprint", "privacy", "accessibility"))
QUERIES = frozenset(("", *(f"language={code}" for code, _name in settings.LANGUAGES)))
TABLES: tuple[str, ...] = (
    "dpa_agreementversion",
    "dpa_agreementtext",
    "dpa_agreementdocument",
    "toms_measureset",
    "toms_measuresetdocument",
)
TABLES += ("subprocessors_subprocessorlist", "subprocessors_subprocessorlistdocument", "subprocessors_announcement")
TABLES += ("subprocessors_announcedchange", "privacy_text_sampletext", "privacy_text_channeltype")
TABLES += ("customers_provider",)
# Every write gives its row another xmin; rows of one table are summed, since transactions commit in any order.
OF_ONE_TABLE = "(SELECT coalesce(sum(hashtext(xmin::text || ':' || id)::bigint), 0) || '/' || count(*) FROM {table})"
STATE = f"SELECT {', '.join(OF_ONE_TABLE.replace('{table}', table) for table in TABLES)}"  # tables of our own


OF_THE_BODY = frozenset(("Content-Length", "Content-Type", "Content-Disposition", "Content-Language"))
NOTHING: list[bytes] = []


class Kept:
    """An answer as it left Django, in the parts that are handed out."""

    __slots__ = ("etag", "headers", "parts", "unchanged")

    def __init__(self, headers: Headers, body: bytes) -> None:
        self.etag = dict(headers).get("ETag") or "\0"
        self.headers = [header for header in headers if header[0] != "X-Request-Id"]
        self.unchanged = [header for header in self.headers if header[0] not in OF_THE_BODY]
        self.parts = [body]

    @property
    def size(self) -> int:
        return len(self.parts[0])


class PublishedBytes:
    """Wraps the portal's WSGI application."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.lock = threading.Lock()
        self.kept: dict[Key, Kept] = {}
        self.size = 0
        self.state: object = None
        self.good_until = self.ask_again_at = -SECOND

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Hand kept bytes out, or 304 to whoever holds them (RFC 9110, 13.1.2); each answer has a number of its own.

        This is what every reader costs, so that it is written for few steps: only keys of requests that ``is_shared`` allows are kept.
        """
        if monotonic() < self.good_until:
            kept = self.kept.get(key_of(environ))
            if kept is not None and not is_personal(environ) and environ["REQUEST_METHOD"] == "GET":
                number = ("X-Request-Id", urandom(16).hex())
                if kept.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
                    start_response("304 Not Modified", [*kept.unchanged, number])
                    return NOTHING
                start_response("200 OK", [*kept.headers, number])
                return kept.parts
        return self.carefully(environ, start_response)

    def carefully(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not is_shared(environ) or not self.is_fresh():
            return self.application(environ, start_response)
        kept = self.kept.get(key_of(environ))
        if kept is None:
            return self.ask(key_of(environ), environ, start_response)
        if environ["REQUEST_METHOD"] == "GET":
            return self(environ, start_response)
        start_response("200 OK", [*kept.headers, ("X-Request-Id", urandom(16).hex())])
        return NOTHING

    def is_fresh(self) -> bool:
        """Forget everything when something was published; at most one question to the database a second. False when it does not answer."""
        if monotonic() < self.ask_again_at:
            return self.state is not None
        with self.lock:
            if monotonic() >= self.ask_again_at:
                state = state_of_the_tables()
                if state != self.state:
                    self.kept, self.size = {}, 0
                self.state = state
                self.ask_again_at = monotonic() + SECOND
                self.good_until = self.ask_again_at if state is not None else -SECOND
        return self.state is not None

    def ask(self, key: Key, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
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
        self.keep(key, Kept(begun.headers, body), before)
        return [body]

    def keep(self, key: Key, made: Kept, before: object) -> None:
        with self.lock:
            if self.state != before or key in self.kept:
                return
            if len(self.kept) >= MOST_ENTRIES or self.size + made.size > MOST_BYTES:
                self.kept, self.size = {}, 0
            self.kept[key] = made
            self.size += made.size


class Begun:
    """What Django says before the body."""

    def __init__(self) -> None:
        self.status, self.headers = "", []  # type: str, Headers

    def __call__(self, status: str, headers: Headers, _problem: object = None) -> None:
        self.status, self.headers = status, headers


def key_of(environ: Environ) -> Key:
    """Return what an answer for everybody depends on."""
    get = environ.get
    return (get("PATH_INFO"), get("QUERY_STRING"), get("HTTP_HOST"), get("wsgi.url_scheme"), get("HTTP_X_FORWARDED_PROTO"))


def is_personal(environ: Environ) -> bool:
    """Say whether Django has to see the request: a cookie, a token, a part of a file, a condition that only Django decides."""
    return (
        "HTTP_COOKIE" in environ
        or "HTTP_AUTHORIZATION" in environ
        or "HTTP_RANGE" in environ
        or "HTTP_HX_REQUEST" in environ
        or "HTTP_IF_MODIFIED_SINCE" in environ
    )


def is_shared(environ: Environ) -> bool:
    """Say whether the request is one to read a listed page or file as everybody reads it."""
    path = environ.get("PATH_INFO", "")
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not path.startswith(TREES) or is_personal(environ):
        return False
    return path[4:].partition("/")[0] in SECTIONS and environ.get("QUERY_STRING", "") in QUERIES


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
