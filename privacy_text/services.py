"""What the sample texts can do: be published, begin with the sample."""

from __future__ import annotations

import datetime
import itertools
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import evidence.services
import publishing.services
from privacy_text import drafting
from privacy_text.models import ChannelType, SampleText, SampleTextPart
from publishing import placeholders

if TYPE_CHECKING:
    from customers.models import User

LANGUAGES = ("de", "en")
PLACEHOLDERS = frozenset({"customer_name", "content", "privacy_url"})


class TextsMissing(Exception):
    """Some channel type lacks a text in some language; ``missing`` lists channel type, language and kind."""

    def __init__(self, missing: set[tuple[str, str, str]]) -> None:
        self.missing = sorted(missing)
        super().__init__("; ".join(" ".join(names) for names in self.missing))


@transaction.atomic
def publish(*, version: SampleText, by: User, at: datetime.datetime, effective_date: datetime.date) -> SampleText:
    """Publish approved sample texts. Raises TextsMissing, or UnknownPlaceholder for one that customers could not fill."""
    version = publishing.services.locked(version)
    require_completeness(version)
    published = publishing.services.publish(version=version, by=by, at=at, effective_date=effective_date)
    evidence.services.record(
        kind="privacy_text.published",
        facts={"number": published.number, "sha256": published.sha256, "effective_date": effective_date.isoformat()},
        subject=f"sample-text:{published.pk}",
        happened_at=at,
    )
    return published


def require_completeness(version: SampleText) -> None:
    parts = list(version.parts.select_related("channel_type"))
    keys = ChannelType.objects.values_list("key", flat=True)
    needed = set(itertools.product(keys, LANGUAGES, SampleTextPart.Kind.values))
    missing = needed - {(part.channel_type.key, part.language, part.kind) for part in parts}
    if missing:
        raise TextsMissing(missing)
    unknown = set[str]().union(*(placeholders.names(part.text) for part in parts)) - PLACEHOLDERS
    if unknown:
        raise placeholders.UnknownPlaceholder(unknown)


@transaction.atomic
def load_sample(*, by: User, approved_by: User, at: datetime.datetime) -> SampleText:
    """Publish the sample as the first version, unless one is published already; the second person is the one who approves it."""
    current = SampleText.objects.current()
    if current is not None:
        return current
    draft = SampleText.objects.create(
        created_by=by, created_at=at, change_note_de="Erste Fassung (Muster)", change_note_en="First version (sample)"
    )
    drafting.fill_from(draft, drafting.sample())
    approved = publishing.services.approve(version=draft, by=approved_by, at=at)
    return publish(version=approved, by=approved_by, at=at, effective_date=timezone.localdate(at))
