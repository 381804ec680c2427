"""Public lists ask the database as often for three hundred rows as for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import User
from dpa.models import AgreementText, AgreementVersion
from privacy_text.models import SampleText
from publishing.models import PublishedVersion
from subprocessors.models import SubprocessorList
from tests.factories import agreement, channels, notices, registers
from toms.models import MeasureSet

pytestmark = pytest.mark.django_db
MANY = 300
YEAR_BEFORE = registers.AT - timedelta(days=365)


def older(model: type[PublishedVersion], number: int) -> None:
    """Write versions that were in force before; a version that is over is only ever read."""
    at = [YEAR_BEFORE + timedelta(hours=each + number) for each in range(number)]
    people = (registers.editor(), registers.editor())
    drafts = [older_draft(model, people[0], moment) for moment in at]
    if model is AgreementVersion:
        write_texts([draft for draft in drafts if isinstance(draft, AgreementVersion)])
    for position, (draft, moment) in enumerate(zip(drafts, at, strict=True)):
        draft.number, draft.state = f"{1000 * number + position}", "superseded"
        draft.approved_by = draft.published_by = people[1]
        draft.approved_at = draft.published_at = moment
        draft.effective_date, draft.superseded_at, draft.sha256 = moment.date(), registers.AT, "0" * 64
    fields = ["number", "state", "approved_by", "published_by", "approved_at", "published_at", "effective_date", "superseded_at", "sha256"]
    model._default_manager.bulk_update(drafts, fields)


def older_draft(model: type[PublishedVersion], by: User, at: Any) -> PublishedVersion:
    fields = {"created_by": by, "created_at": at, "change_note_de": "Älter", "change_note_en": "Older"}
    if model is AgreementVersion:
        fields |= {"measure_set": MeasureSet.objects.current(), "subprocessor_list": SubprocessorList.objects.current()}
    return model._default_manager.create(**fields)


def write_texts(drafts: list[AgreementVersion]) -> None:
    words = {"title": "Older", "body": agreement.BODY, "filled_body": agreement.BODY, "plain_text": "Older\n\nWords", "sha256": "0" * 64}
    AgreementText.objects.bulk_create(
        AgreementText(version=draft, language=language, description="", **words) for draft in drafts for language in ("de", "en")
    )


def versions_of(*models: type[PublishedVersion]) -> Callable[[int], None]:
    def fill(number: int) -> None:
        for model in models:
            older(model, number)

    return fill


def companies(number: int) -> None:
    """Publish two more lists with so many companies each, so that comparisons and days find them too."""
    for day in (1, 2):
        entries = [registers.entry(f"host-{each}", contact=f"{day}.{number}@example.com") for each in range(number)]
        at = registers.AT + timedelta(days=10 * day + (100 if number > 1 else 0))
        registers.publish_subprocessors(registers.draft_subprocessors(*entries), at=at)


def measures(number: int) -> None:
    letters = [registers.control(letter.upper(), letter) for letter in "abcd"]
    many = [registers.control(f"C{each}") for each in range(number)]
    registers.published_measures(registers.measures_content(*letters, *many))


def announcements(number: int) -> None:
    """Announce a list with so many new companies to a customer."""
    notices.company()
    entries = [registers.american(f"network-{number}-{each}") for each in range(number)]
    notices.told(subprocessor_list=None if not entries else notices.approved(registers.entry(), *entries))
    SubprocessorList.objects.filter(state="approved").update(state="draft", number="", approved_by=None, approved_at=None, sha256="")


ALL = versions_of(AgreementVersion, MeasureSet, SubprocessorList, SampleText)
DAY = (registers.AT + timedelta(days=500)).date().isoformat()
LISTS: list[tuple[str, Callable[[int], None]]] = [
    ("/en/", ALL),
    ("/en/", announcements),
    ("/en/updates/", ALL),
    ("/en/updates/", announcements),
    ("/en/updates/feed.atom", ALL),
    ("/en/updates/feed.json", ALL),
    ("/en/updates/feed.json", announcements),
    ("/en/documents/", ALL),
    ("/en/dpa/", ALL),
    ("/en/dpa/versions/", ALL),
    ("/en/dpa/compare/", ALL),
    ("/en/tom/", measures),
    (f"/en/tom/?on={DAY}", measures),
    (f"/en/tom/?on={DAY}", ALL),
    ("/en/tom/?order=annex-iii", measures),
    ("/en/tom/versions/", ALL),
    ("/en/tom/compare/", measures),
    ("/en/tom/compare/", ALL),
    ("/en/subprocessors/", companies),
    ("/en/subprocessors/", announcements),
    (f"/en/subprocessors/?on={DAY}", companies),
    (f"/en/subprocessors/?on={DAY}", ALL),
    ("/en/subprocessors/versions/", ALL),
    ("/en/subprocessors/compare/", companies),
    ("/en/subprocessors/compare/", ALL),
    ("/en/texts/", ALL),
    ("/en/texts/telegram/", ALL),
    ("/en/texts/telegram/", companies),
    ("/en/texts/versions/", ALL),
    ("/en/texts/compare/", ALL),
]


def queries_of(path: str) -> int:
    """Count the second time: what a process keeps for all readers is asked for once."""
    client = Client()
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


@pytest.fixture(autouse=True)
def portal() -> None:
    """One published version of everything."""
    cache.clear()
    channels.published()
    agreement.published()


@pytest.mark.parametrize(("path", "fill"), LISTS, ids=[f"{path} {fill.__name__}" for path, fill in LISTS])
def test_three_hundred_rows_take_as_many_queries_as_one(path: str, fill: Callable[[int], None]) -> None:
    """What there was for the first count stays: published versions are never taken away, only followed by others."""
    fill(1)
    few = queries_of(path)
    fill(MANY)
    assert queries_of(path) == few
