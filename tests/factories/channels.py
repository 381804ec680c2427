"""Channels with texts, as the pages make them."""

from __future__ import annotations

import datetime
from itertools import count
from typing import Any

import customers.services
import privacy_text.services
import publishing.services
import subprocessors.services
from customers.models import Channel, Customer, User
from customers.services import ChannelDetails
from privacy_text import services
from privacy_text.models import ChannelText, SampleText
from privacy_text.reading import TextKey, latest
from subprocessors.models import SubprocessorList
from tests.factories import agreement, registers
from tests.factories import customers as people

AT = datetime.datetime(2026, 11, 25, 10, tzinfo=datetime.UTC)
CONTENT = "Neuigkeiten aus Politik und Sport, etwa dreimal täglich"
_numbers = count(1)


def published() -> SampleText:
    """Return the sample texts and publish the register that their recipients come from."""
    people.provider()
    author, approver = agreement.staff_member("author"), agreement.staff_member("approver")
    listed = subprocessors.services.load_sample(by=author, approved_by=approver, at=AT)
    if not listed.is_frozen:
        registers.put_into_force(listed, AT, approver)
    return privacy_text.services.load_sample(by=author, approved_by=approver, at=AT)


def channel(customer: Customer | None = None, *, channel_type: str = "web_push", **fields: Any) -> Channel:
    customer = customer or people.customer()
    details = {"name": f"Kanal {next(_numbers)}", "address": "https://muster.example/", "privacy_url": "https://muster.example/datenschutz"}
    by = customer.people_with("channel_owner").first() or people.colleague(customer)
    return customers.services.create_channel(
        customer=customer, channel_type=channel_type, details=ChannelDetails(**{**details, **fields}), by=by, at=AT
    )


def person_of(channel: Channel) -> User:
    person = channel.customer.people_with("channel_owner").first()
    assert person is not None
    return person


def key_of(channel: Channel, kind: str = "passage", language: str = "de") -> TextKey:
    return TextKey(channel, kind, language)


def templated(key: TextKey, at: datetime.datetime = AT) -> ChannelText:
    text = latest(key)
    return services.use_template(key=key, based_on=text.number if text else 0, by=person_of(key.channel), at=at)


def saved(key: TextKey, at: datetime.datetime = AT, *, words: dict[str, str] | None = None, **fields: Any) -> ChannelText:
    """Save the text as it stands with other words in some paragraphs; ``fields`` are answers and choices."""
    from privacy_text.reading import choices_of, stored

    text = latest(key)
    wordings = [row._replace(text=(words or {}).get(row.key, row.text)) for row in stored(text.wordings if text else [])]
    edited = services.Edited(wordings, fields.get("choices", choices_of(key.channel)), fields.get("answers", {"content": CONTENT}))
    return services.save_text(key=key, edited=edited, based_on=text.number if text else 0, by=person_of(key.channel), at=at)


def complete(key: TextKey, at: datetime.datetime = AT) -> ChannelText:
    """Return the template of the channel with the one answer that nobody but the company knows."""
    templated(key, at)
    return saved(key, at)


def newer_texts(at: datetime.datetime, change: dict[str, str]) -> SampleText:
    """Publish a version of the sample texts with other words in the sections of these keys (German)."""
    author, approver = agreement.staff_member("author"), agreement.staff_member("approver")
    draft = services.start_draft(by=author, at=at)
    for section in draft.sections.all():
        if section.key in change:
            section.text_de = change[section.key].replace("…", section.text_de)
            section.save()
    draft.change_note_de = draft.change_note_en = "Geändert"
    draft.save()
    approved = publishing.services.approve(version=draft, by=approver, at=at)
    return services.publish(version=approved, by=approver, at=at)


def newer_register(at: datetime.datetime, **change: Any) -> SubprocessorList:
    """Publish an editorial version of the register with other details of its first entry."""
    author, approver = agreement.staff_member("author"), agreement.staff_member("approver")
    draft = subprocessors.services.start_draft(by=author, at=at)
    entry = draft.entries.first()
    assert entry is not None
    for name, value in change.items():
        setattr(entry, name, value)
    entry.save()
    draft.change_kind, draft.change_note_de, draft.change_note_en = "editorial", "Geändert", "Changed"
    draft.save()
    approved = publishing.services.approve(version=draft, by=approver, at=at)
    return registers.put_into_force(approved, at, approver)
