"""The public register: what a reader costs, against the least that a WSGI application can do and against the same page by Django."""

from __future__ import annotations

import itertools
import json
import math
import tempfile
import time
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import _register_requests
from benchmarks.measuring import Goal, at_least, at_most, instructions, interleaved

ROWS, ROUNDS, REQUESTS = 75, 7, 400
MANY = 2000


def measure() -> Iterable[Goal]:
    """Yield the goals for a register of seventy-five companies."""
    prepare()
    served = {kind: _register_requests.application(kind) for kind in ("hello", "bytes", "django")}
    headers = _register_requests.serve(served["bytes"])
    rates = interleaved(ROUNDS, {kind: (lambda each=each, kind=kind: rate(each, kind)) for kind, each in served.items()})
    with CaptureQueriesContext(connection) as captured:
        served["bytes"].good_until = math.inf
        _register_requests.serve(served["bytes"], headers["ETag"])
    cost = per_request(headers)
    yield at_most("register: queries of a page that is kept", len(captured), 0, "queries")
    yield at_most("register: instructions above the bare WSGI answer", cost["bytes"] - cost["hello"], 10_000, "instructions")
    yield at_most("register: instructions of a 304 above the bare answer", cost["bytes-304"] - cost["hello"], 10_000, "instructions")
    yield at_least("register: pages a second against the same page by Django", rates["bytes"] / rates["django"], 100)


def prepare() -> None:
    """Publish a register of seventy-five companies."""
    from tests.factories import customers, registers

    customers.provider()
    registers.published_subprocessors(*[registers.entry(f"company-{number}") for number in range(ROWS)])


def rate(served: Any, kind: str) -> float:
    """Return requests a second within this process: no server and no network between."""
    number = REQUESTS // 20 if kind == "django" else REQUESTS
    begun = time.perf_counter()
    for _time in itertools.repeat(None, number):
        _register_requests.serve(served)
    return number / (time.perf_counter() - begun)


def per_request(headers: dict[str, str]) -> dict[str, float]:
    """Return the instructions of one request: many less none, so that the process's start falls out."""
    kinds = ("hello", "bytes", "bytes-304")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as answer:
        json.dump(list(headers.items()), answer)
        answer.flush()
        runs = {
            f"{kind} {number}": ("benchmarks._register_requests", kind, str(number), answer.name) for kind in kinds for number in (0, MANY)
        }
        counts = instructions(runs, {})
    return {kind: (counts[f"{kind} {MANY}"] - counts[f"{kind} 0"]) / MANY for kind in kinds}
