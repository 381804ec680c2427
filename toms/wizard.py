"""The measures in the publishing wizard."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any, cast

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext

from notifications import messages
from notifications.models import Topic, UpdateSubscription
from publishing import printing
from publishing.comparison import Entry
from publishing.forms import PlanForm
from publishing.models import ChangeKind
from publishing.pages import REFUSALS, Document, Register, printed_documents
from toms import coverage, legal_terms, reading, services
from toms.forms import MeasuresPlanForm
from toms.models import MeasureSet
from toms.tasks import RENDER


class RegisterOfMeasures(Register[MeasureSet]):
    """The sets of measures, their words, mails and services."""

    model = MeasureSet
    name = "manage_toms"
    look, edit, approval = "toms.view_measureset", "toms.change_measureset", "toms.approve_measureset"
    form = MeasuresPlanForm

    @property
    def title(self) -> str:
        return gettext("Technical and organisational measures")

    def entries(self, version: MeasureSet, language: str) -> list[Entry]:
        return reading.entries(version, language)

    def lacks(self, version: MeasureSet) -> list[str]:
        return lacks(version)

    def recipients(self, version: MeasureSet) -> list[str]:
        if version.change_kind == ChangeKind.EDITORIAL:
            return []
        count = UpdateSubscription.objects.confirmed().filter(topics__contains=[Topic.MEASURES]).count()
        return [ngettext("%(count)s subscriber by e-mail", "%(count)s subscribers by e-mail", count) % {"count": count}]

    def mail(self, version: MeasureSet, language: str) -> EmailMessage | None:
        if version.change_kind == ChangeKind.EDITORIAL:
            return None
        notes = {"de": version.change_note_de, "en": version.change_note_en}
        number = version.number or version.next_number(self.current())
        content = messages.of_publication(topic=Topic.MEASURES, view="toms_version", number=number, notes=notes)
        return messages.example("updates_published", language, content[language])

    def documents(self, version: MeasureSet) -> list[Document]:
        return printed_documents(self.title, version.printed())

    def documents_failed(self, version: MeasureSet) -> bool:
        return printing.failed_job(RENDER, version) is not None

    def make_documents_again(self, *, version: MeasureSet) -> None:
        printing.order_again(RENDER, version)

    def public_address(self, version: MeasureSet) -> str:
        return reverse("toms_version", args=[version.number])

    def plan(self, *, version: MeasureSet, form: PlanForm, by: Any, at: datetime.datetime) -> None:
        assert isinstance(form, MeasuresPlanForm)
        fields = form.cleaned_data
        services.plan(
            measure_set=version,
            change_kind=fields["change_kind"],
            effective_date=fields["effective_date"],
            notes={"de": fields["change_note_de"], "en": fields["change_note_en"]},
            weakenings=form.weakenings,
            by=by,
            at=at,
        )

    def approve(self, *, version: MeasureSet, by: Any, at: datetime.datetime) -> None:
        services.approve(measure_set=version, by=by, at=at)

    def reopen(self, *, version: MeasureSet, by: Any, at: datetime.datetime) -> None:
        services.reopen(measure_set=version, by=by, at=at)

    def send_test(self, *, version: MeasureSet, by: Any, at: datetime.datetime) -> None:
        services.send_test_mail(measure_set=version, by=by, at=at)

    def restore(self, *, version: MeasureSet, by: Any, at: datetime.datetime) -> MeasureSet:
        return services.start_draft(by=by, at=at, source=version)

    def notes(self, version: MeasureSet) -> list[dict[str, str]]:
        rows = version.weakenings.all()
        words = gettext("%(reason)s Replaced by %(replacement)s.")
        return [
            {
                "term": gettext("%(key)s removed or weakened") % {"key": row.measure_key},
                "value": words % {"reason": row.reason, "replacement": row.replacement_key},
            }
            for row in rows
        ]

    def also_concerned(self, version: MeasureSet) -> str:
        return gettext("Also concerned: Annex 3 of the next version of the agreement, and the PDF in both languages.")

    def refusals(self) -> dict[type[Exception], Callable[[Exception], str]]:
        return {
            **REFUSALS,
            services.LettersMissing: lambda refusal: letters_missing(cast(services.LettersMissing, refusal).letters),
            services.ReplacementMissing: lambda refusal: replacement_missing(cast(services.ReplacementMissing, refusal).keys),
            services.Incomplete: lambda _refusal: gettext("Classify and date the draft first, and say in both languages what changes."),
        }


def lacks(version: MeasureSet) -> list[str]:
    """Return what stands in the way of an approval: letters of Art. 32(1) GDPR and reasons for weakening."""
    letters = coverage.missing_letters(version)
    return [letters_missing(letters)] if letters else []


def letters_missing(letters: Sequence[str]) -> str:
    names = {"a": gettext("pseudonymisation and encryption"), "b": gettext("confidentiality, integrity, availability and resilience")}
    names |= {"c": gettext("restoring availability after an incident"), "d": gettext("testing and evaluating the measures regularly")}
    listed = "; ".join(f"{legal_terms.article_32([letter], get_language() or 'de')} ({names[letter]})" for letter in letters)
    return gettext("No implemented measure answers %(letters)s.") % {"letters": listed}


def replacement_missing(keys: Sequence[str]) -> str:
    return gettext("Give a reason and a replacement for each measure that is removed or weakened: %(keys)s.") % {"keys": ", ".join(keys)}


REGISTER = RegisterOfMeasures()
