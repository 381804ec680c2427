"""All routes from the resolver, with a path for each, and a recorder of the views that a request got as far as."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from rest_framework.request import Request
from rest_framework.views import APIView

from dpa.exemptions import EXEMPT

VERBS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": str(uuid4()), "path": "x"}
RECORDER = "tests.dpa.routes.RecordReachedViews"
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|WITH\b.*\b(INSERT|UPDATE|DELETE))\b", re.IGNORECASE | re.DOTALL)
Route = tuple[str, str, Any]


def routes(patterns: Any = None, prefix: str = "", namespace: str = "") -> Iterator[Route]:
    """Yield name, sample path and callback of every route."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = "de/" if pattern.pattern.__class__.__name__ == "LocalePrefixPattern" else sample(str(pattern.pattern))
            space = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, prefix + inner, space)
        elif isinstance(pattern, URLPattern):
            path = "/" + prefix + sample(str(pattern.pattern))
            yield (namespace + pattern.name if pattern.name else resolve(path).view_name), path, pattern.callback


def sample(pattern: str) -> str:
    pattern = re.sub(r"\(\?P<\w+>(\w+)(\|\w+)*\)", r"\1", pattern)
    pattern = re.sub(r"\(\?P<\w+>([A-Z]+-)?[^)]*\)", r"\1x", pattern)
    pattern = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found.group(1) or "str"], pattern)
    return re.sub(r"[\^$]|\\Z", "", pattern).replace("\\", "")


def protected() -> list[Route]:
    """Return the routes that an agreement is needed for."""
    return [route for route in routes() if route[0] not in EXEMPT]


def exempt() -> list[Route]:
    return [route for route in routes() if route[0] in EXEMPT]


# --- what a request does ----------------------------------------------------------------------------------------------

reached: list[str] = []


class RecordReachedViews:
    """The last middleware: notes the view that is about to run. A view of the API has run when its checks let it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        if not issubclass(getattr(view, "cls", object), APIView):
            assert request.resolver_match is not None
            reached.append(request.resolver_match.view_name)


def record_reached_views(monkeypatch: Any, settings: Any) -> list[str]:
    """Fill and return the list of views that requests reach from now on."""
    check = APIView.initial

    def initial(self: APIView, request: Request, *args: Any, **kwargs: Any) -> None:
        check(self, request, *args, **kwargs)
        assert request.resolver_match is not None
        reached.append(request.resolver_match.view_name)

    monkeypatch.setattr(APIView, "initial", initial)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, RECORDER]
    reached.clear()
    return reached


@contextlib.contextmanager
def written_statements() -> Iterator[list[str]]:
    """Yield the list of statements that write; that a token was used may be noted at any time."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITES.match(sql) and 'UPDATE "customers_apitoken" SET "last_used_at"' not in sql:
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements
