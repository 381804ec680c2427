"""Serve one page a number of times, with the gate or without it; started as a process of its own to be counted."""

from __future__ import annotations

import io
import sys
from typing import Any

GATE = "dpa.middleware.AgreementGate"
PATHS = {"account": "/en/account/", "anonymous": "/livez"}


def application(gate: str) -> Any:
    """Return the portal as a WSGI application; ``absent`` takes the gate out."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler

    complete = settings.MIDDLEWARE
    settings.MIDDLEWARE = [each for each in complete if gate != "absent" or each != GATE]
    try:
        return WSGIHandler()
    finally:
        settings.MIDDLEWARE = complete


def serve(application: Any, page: str, session: str) -> None:
    """Serve the page once; anything but its content is an error, since refusals are cheaper."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": PATHS[page],
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if page != "anonymous":
        from django.conf import settings

        environ["HTTP_COOKIE"] = f"{settings.SESSION_COOKIE_NAME}={session}"
    answered: list[str] = []
    response = application(environ, lambda status, _headers: answered.append(status))
    for _part in response:
        pass
    response.close()
    if answered != ["200 OK"]:
        raise RuntimeError(f"{page}: {answered}")


def queries(gate: str, session: str) -> int:
    """Return how many statements one page asks of the database."""
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    served = application(gate)
    serve(served, "account", session)
    connection.ensure_connection()
    reset_queries()
    with CaptureQueriesContext(connection) as captured:
        serve(served, "account", session)
    return len(captured)


def main(page: str, gate: str, session: str, number: str) -> None:
    """Serve the page this many times after ten that warm it up."""
    import django

    django.setup()
    served = application(gate)
    for _request in range(10 + int(number)):
        serve(served, page, session)


if __name__ == "__main__":
    main(*sys.argv[1:])
