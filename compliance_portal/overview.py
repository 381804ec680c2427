"""What the trust home shows of the three things that the provider publishes: the agreement, the measures, the subprocessors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext

from compliance_portal.pack import Contents
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
    file: Any = None

    @property
    def state(self) -> str:
        """Say which version counts and since when, or from when on."""
        if self.version is None or self.version.effective_date is None:
            return gettext("Not published yet")
        facts = {"number": self.version.number, "date": date_format(self.version.effective_date, "DATE_FORMAT")}
        if self.version.effective_date > self.today:
            return gettext("Version %(number)s, valid from %(date)s") % facts
        return gettext("Version %(number)s, valid since %(date)s") % facts


def documents(chosen: Contents, language: str) -> list[Document]:
    """Return the three with the version in force and its PDF in the language, None while it is being made."""
    today = localdate()
    agreement, measures, listed = chosen.agreement, chosen.measures, chosen.subprocessors
    return [
        Document(
            "dpa",
            gettext("Data processing agreement"),
            gettext("The contract under Art. 28 GDPR with all annexes, to be read and accepted here."),
            agreement,
            today,
            agreement.text(language).document if agreement else None,
        ),
        Document(
            "toms",
            gettext("Technical and organisational measures"),
            gettext("How we protect personal data, under Art. 32 GDPR."),
            measures,
            today,
            in_language(measures, language),
        ),
        Document(
            "subprocessors",
            gettext("Subprocessors"),
            gettext("Who helps us, where, for what, and on which basis data is transferred."),
            listed,
            today,
            in_language(listed, language),
        ),
    ]


def in_language(version: MeasureSet | SubprocessorList | None, language: str) -> Any:
    return version.printed().get(language) if version else None
