"""Look at a company's public page: does the passage stand there, and in the version that the channel uses?

The page is asked by the hardened client; what it says is searched for our mark and forgotten.
"""

from __future__ import annotations

import datetime
import html
import re
from http import HTTPStatus

from notifications.fetching import AddressRefused, NotReached, ask
from privacy_text.models import ChannelText, Placement, TextKind
from privacy_text.reading import Sources, as_composed, current_sources

MOST_BYTES = 2 * 1024 * 1024
AGENT = {"User-Agent": "compliance-portal-check/1", "Accept": "text/html"}


def check(placement_id: int, now: datetime.datetime) -> None:
    """Look at the page and write down what was found; a page that was changed or a channel that went meanwhile is left alone."""
    placement = Placement.objects.select_related("channel__customer").filter(pk=placement_id).exclude(page_url="").first()
    if placement is None:
        return
    found, reason = look(placement, current_sources(now.date()))
    asked = Placement.objects.filter(pk=placement.pk, page_url=placement.page_url)
    asked.update(found=found, reason=reason, checked_at=now)


def look(placement: Placement, sources: Sources) -> tuple[str, str]:
    """Return what stands on the page, and why it was not reached."""
    try:
        answer = ask(placement.page_url, headers=AGENT, most_bytes=MOST_BYTES)
    except AddressRefused as refusal:
        return Placement.Found.UNREACHABLE, refusal.reason
    except NotReached as failure:
        return Placement.Found.UNREACHABLE, failure.reason
    if answer.status in range(300, 400):
        return Placement.Found.UNREACHABLE, "redirect"
    if answer.status != HTTPStatus.OK:
        return Placement.Found.UNREACHABLE, "status"
    found = judged(html.unescape(answer.content.decode("utf-8", "replace")), placement, sources)
    if found == Placement.Found.MISSING and answer.is_cut:
        return Placement.Found.UNREACHABLE, "too_long"  # what was not read may well be there
    return found, ""


def judged(page: str, placement: Placement, sources: Sources) -> str:
    """Say what the page shows: an embedded passage is always the current one; a copy is known by its mark."""
    if f"/embed/{placement.channel.public_id}." in page:
        return Placement.Found.FOUND
    texts = ChannelText.objects.complete().filter(channel=placement.channel, kind=TextKind.PASSAGE).newest()
    marks = {as_composed(text, sources).mark for text in texts.select_related("channel__customer", "sample_text")}
    if any(is_in(mark, page) for mark in marks):
        return Placement.Found.FOUND
    kind = placement.channel.channel_type.replace("_", "-")
    return Placement.Found.OUTDATED if re.search(rf"\b{re.escape(kind)}/passage/[0-9.]+/[0-9.]+", page) else Placement.Found.MISSING


def is_in(mark: str, page: str) -> bool:
    """Say whether the mark stands on the page, and not only as the beginning of another one."""
    return re.search(rf"(?<![\w/-]){re.escape(mark)}(?![\w/]|\.\d)", page) is not None
