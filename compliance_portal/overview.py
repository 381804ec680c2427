"""What the trust home shows of the three things that the provider publishes: the agreement, the measures, the subprocessors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext

from dpa.models import AgreementVersion
from publishing.models import PublishedVersion
from subprocessors.models import SubprocessorList
from toms.models import MeasureSet

LATEST = 5


@dataclass(frozen=True)
class Document:
    """One of the three, with the version that counts."""

    kind: str
    title: str
    text: str
    version: PublishedVersion | None
    today: date

    @property
    def state(self) -> str:
        """Say which version counts and since when, or from when on."""
        if self.version is None or self.version.effective_date is None:
            return gettext("Not published yet")
        facts = {"number": self.version.number, "date": date_format(self.version.effective_date, "DATE_FORMAT")}
        if self.version.effective_date > self.today:
            return gettext("Version %(number)s, valid from %(date)s") % facts
        return gettext("Version %(number)s, valid since %(date)s") % facts


@dataclass(frozen=True)
class Publication:
    """A line of the list of latest versions."""

    kind: str
    title: str
    at: datetime
    text: str


def documents() -> list[Document]:
    today = localdate()
    return [
        Document(
            "dpa",
            gettext("Data processing agreement"),
            gettext("The contract under Art. 28 GDPR with all annexes, to be read and accepted here."),
            AgreementVersion.objects.current(),
            today,
        ),
        Document(
            "toms",
            gettext("Technical and organisational measures"),
            gettext("How we protect personal data, under Art. 32 GDPR."),
            MeasureSet.objects.current(),
            today,
        ),
        Document(
            "subprocessors",
            gettext("Subprocessors"),
            gettext("Who helps us, where, for what, and on which basis data is transferred."),
            SubprocessorList.objects.current(),
            today,
        ),
    ]


def latest_versions(language: str) -> list[Publication]:
    """Return the latest publications of all three, newest first."""
    found = [
        *publications("dpa", gettext("Data processing agreement"), AgreementVersion.objects.readable()[:LATEST], language),
        *publications("toms", gettext("Technical and organisational measures"), MeasureSet.objects.readable()[:LATEST], language),
        *publications("subprocessors", gettext("Subprocessors"), SubprocessorList.objects.readable()[:LATEST], language),
    ]
    return sorted(found, key=lambda publication: publication.at, reverse=True)[:LATEST]


def publications(kind: str, title: str, versions: Iterable[PublishedVersion], language: str) -> Iterator[Publication]:
    for version in versions:
        if version.published_at is not None:
            heading = gettext("%(title)s, version %(number)s") % {"title": title, "number": version.number}
            yield Publication(kind, heading, version.published_at, version.change_note(language))
