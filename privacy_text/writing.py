"""Write a new state of a channel's text; what was saved before stays as it is."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import evidence.services
from customers.models import Channel
from privacy_text.merging import Wording
from privacy_text.models import ChannelText
from privacy_text.reading import TextKey, open_places
from publishing.canonical import sha256_of_json

if TYPE_CHECKING:
    from customers.models import User
    from privacy_text.models import SampleText


def locked(channel: Channel) -> Channel:
    """Return the channel, locked until the transaction ends, so that its texts are numbered one after the other."""
    return Channel.objects.select_related("customer").select_for_update(of=("self",)).get(pk=channel.pk)


def write(
    *,
    key: TextKey,
    wordings: Sequence[Wording],
    template: Sequence[Wording],
    sample_text: SampleText | None,
    register_number: str,
    choices: Mapping[str, Any],
    values: Mapping[str, str],
    origin: str,
    by: User | None,
    at: datetime.datetime,
) -> ChannelText:
    """Add the next row of the text and record its hash; the caller holds the lock of the channel."""
    content = [wording.as_content() for wording in wordings]
    before = ChannelText.objects.filter(channel=key.channel, kind=key.kind, language=key.language).order_by("-number").first()
    text = ChannelText.objects.create(
        channel=key.channel,
        kind=key.kind,
        language=key.language,
        number=before.number + 1 if before else 1,
        wordings=content,
        template=[wording.as_content() for wording in template],
        sample_text=sample_text,
        register_number=register_number,
        choices=dict(choices),
        values=dict(values),
        open_places=open_places(wordings, key.language),
        origin=origin,
        saved_at=at,
        saved_by=by,
        sha256=sha256_of_json(content),
    )
    note(text, before, by, at)
    return text


def note(text: ChannelText, before: ChannelText | None, by: User | None, at: datetime.datetime) -> None:
    facts = {
        "channel": str(text.channel.public_id),
        "kind": text.kind,
        "language": text.language,
        "number": text.number,
        "origin": text.origin,
        "sha256": text.sha256,
        "sha256_before": before.sha256 if before else None,
        "sample_text": text.sample_text.number if text.sample_text else None,
        "by": str(by.reference) if by else None,
    }
    subject = f"customer:{text.channel.customer.reference}"
    evidence.services.record(kind="privacy_text.channel_text_saved", facts=facts, subject=subject, happened_at=at)
