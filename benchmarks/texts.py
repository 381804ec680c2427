"""The texts of channels: how soon after the last key a preview is asked for, and what it costs the server."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks.measuring import Goal, at_most

ROUNDS, WARM = 60, 5
PAUSE = re.compile(r"input delay:(\d+)ms")
KINDS = ("opt_in", "passage")


def measure() -> Iterable[Goal]:
    """Yield the goals of the preview: the pause before it is asked for, and what the longest text there is costs the server.

    The server's time is that of its processor, so that whatever else the machine does falls out.
    """
    client, key = prepare()
    for kind in KINDS:
        asks = preview_of(client, key._replace(kind=kind))
        figures = [milliseconds(asks) for _round in range(WARM + ROUNDS)][WARM:]
        name = kind.replace("_", "-")
        yield at_most(f"texts: pause from the last key to the question for a preview, {name}", pause(kind), 400, "ms")
        yield at_most(f"texts: the server's processor time for a preview, {name}", statistics.median(figures), 100, "ms")
        yield at_most(f"texts: queries of a preview, {name}", queries(asks), 40, "queries")


def queries(act: Callable[[], None]) -> int:
    """Count the statements that the act sends; the browser's request closes and opens connections, which a log would not outlive."""
    sent: list[str] = []

    def note(execute: Callable[..., Any], statement: str, parameters: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  # Django's signature
        sent.append(statement)
        return execute(statement, parameters, many, context)

    with connection.execute_wrapper(note):
        act()
    return len(sent)


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
    """Return the processor time of the act."""
    begun = time.process_time()
    act()
    return (time.process_time() - begun) * 1000


def pause(kind: str) -> int:
    """Return how many milliseconds the page waits after a key, as its template says."""
    found = PAUSE.search((settings.BASE_DIR / "templates" / "privacy_text" / f"channel_{kind}.html").read_text())
    if found is None:
        raise RuntimeError(f"the page of {kind} asks for no preview")
    return int(found[1])
