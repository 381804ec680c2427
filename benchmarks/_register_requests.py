"""Serve the register's page a number of times; started as a process of its own to be counted."""

from __future__ import annotations

import io
import json
import math
import sys
from pathlib import Path
from typing import Any

PAGE = "/en/subprocessors/"


def hello(environ: Any, start_response: Any) -> list[bytes]:
    """Do the least that a WSGI application can do with the same size of body: the limit."""
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(BODY)))])
    return [BODY]


BODY = b"x" * 17_000


def application(kind: str) -> Any:
    """Return the application of this kind: the limit, Django alone, or the bytes before it."""
    if kind == "hello":
        return hello
    from django.core.handlers.wsgi import WSGIHandler

    from compliance_portal.published_bytes import PublishedBytes

    django = WSGIHandler()
    return django if kind == "django" else PublishedBytes(django)


def serve(served: Any, etag: str = "") -> dict[str, str]:
    """Serve the page once and return its headers; anything but its content is an error, since refusals are cheaper."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": PAGE,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if etag:
        environ["HTTP_IF_NONE_MATCH"] = etag
    begun: list[Any] = []
    response = served(environ, lambda status, headers, _problem=None: begun.extend((status, headers)))
    for _part in response:
        pass
    getattr(response, "close", lambda: None)()
    expected = "304 Not Modified" if etag else "200 OK"
    if begun[0] != expected:
        raise RuntimeError(f"{PAGE}: {begun[0]}")
    return dict(begun[1])


def recorded(answer: Path) -> Any:
    """Return the portal's bytes around an application that answers what Django answered: no start of Django is counted."""
    from django.conf import settings

    settings.configure(LANGUAGES=[("de", "German"), ("en", "English")], TIME_ZONE="Europe/Berlin")
    from compliance_portal.published_bytes import PublishedBytes

    headers = [(name, value) for name, value in json.loads(answer.read_text())]

    def django(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", headers)
        return [BODY]

    served = PublishedBytes(django)
    served.state, served.good_until, served.ask_again_at = (
        "as it is",
        math.inf,
        math.inf,
    )  # its one question a second is not the reader's cost
    return served


def main(kind: str, number: str, answer: str) -> None:
    """Serve twice, so that the page is kept, and then ``number`` times."""
    served = hello if kind == "hello" else recorded(Path(answer))
    etag = serve(served).get("ETag", "")
    serve(served)
    for _time in range(int(number)):
        serve(served, etag if kind.endswith("-304") else "")


if __name__ == "__main__":
    main(*sys.argv[1:])
