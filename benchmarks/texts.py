"""The texts of channels: how long somebody waits from the last key to the preview, and what a preview costs the server."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.measuring import Goal, at_most

ROUNDS, WARM = 60, 5
PAUSE = re.compile(r"input delay:(\d+)ms")
KINDS = ("opt_in", "passage")


def measure() -> Iterable[Goal]:
    """Yield the goals of the preview: the pause before it is asked for, and the server's time for the longest text there is."""
    client, key = prepare()
    for kind in KINDS:
        asks = preview_of(client, key._replace(kind=kind))
        with CaptureQueriesContext(connection) as captured:
            asks()
        figures = [milliseconds(asks) for _round in range(WARM + ROUNDS)][WARM:]
        name = kind.replace("_", "-")
        yield at_most(f"texts: from the last key to the preview, {name}", pause(kind) + statistics.median(figures), 400, "ms")
        yield at_most(f"texts: server's time for a preview, {name}", statistics.median(figures), 100, "ms")
        yield at_most(f"texts: queries of a preview, {name}", len(captured), 40, "queries")


def prepare() -> tuple[Client, Any]:
    """Publish the sample, make a channel with complete texts, and sign its owner in."""
    from tests.factories import channels
    from tests.factories import customers as people

    channels.published()
    key = channels.key_of(channels.channel(channel_type="telegram"))
    for kind in KINDS:
        channels.complete(key._replace(kind=kind))
    client = Client()
    people.log_in(client, channels.person_of(key.channel))
    return client, key


def preview_of(client: Client, key: Any) -> Callable[[], None]:
    """Return what the browser does while somebody types: send the whole form, and take the preview."""
    from privacy_text.reading import latest

    text = latest(key)
    fields = {"based_on": text.number, "statistics": "consent", "segments": "on", "recipients": "named", "proof_years": "3"}
    fields |= {f"text_{row['key']}": row["text"] for row in text.wordings} | {
        f"heading_{row['key']}": row["heading"] for row in text.wordings
    }
    address = f"{reverse(f'channel_{key.kind}_preview', args=[key.channel.pk])}?language={key.language}"

    def ask() -> None:
        answer = client.post(address, {**fields, "answer_content": "Neues aus dem Norden"}, secure=True)
        if answer.status_code != 200 or "Neues aus dem Norden" not in answer.content.decode():
            raise RuntimeError(f"{address}: {answer.status_code}")

    return ask


def milliseconds(act: Callable[[], None]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def pause(kind: str) -> int:
    """Return how many milliseconds the page waits after a key, as its template says."""
    found = PAUSE.search((settings.BASE_DIR / "templates" / "privacy_text" / f"channel_{kind}.html").read_text())
    if found is None:
        raise RuntimeError(f"the page of {kind} asks for no preview")
    return int(found[1])
