"""The sample texts in the publishing wizard: a second person approves, which plans the publication."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from customers.models import ChannelType
from privacy_text import linting, publication, services
from privacy_text.models import ChannelText, SampleText, SampleTextPart
from publishing.comparison import Entry
from publishing.forms import PlanForm
from publishing.pages import REFUSALS, Document, Register
from publishing.placeholders import UnknownPlaceholder


class RegisterOfSampleTexts(Register[SampleText]):
    """The versions of the sample texts, their words and services."""

    model = SampleText
    name = "manage_templates"
    look, edit, approval = "privacy_text.view_sampletext", "privacy_text.change_sampletext", "privacy_text.approve_sampletext"

    @property
    def title(self) -> str:
        return gettext("Sample texts")

    def entries(self, version: SampleText, language: str) -> list[Entry]:
        return entries(version, language)

    def lacks(self, version: SampleText) -> list[str]:
        findings = linting.lint(version, timezone.localdate())
        return [f"{finding.channel_type}: {finding.label} {finding.words}".strip() for finding in findings if finding.blocks]

    def warnings(self, version: SampleText) -> list[str]:
        count = sum(not finding.blocks for finding in linting.lint(version, timezone.localdate()))
        words = ngettext("%(count)s remark on the templates is open.", "%(count)s remarks on the templates are open.", count)
        return [words % {"count": count}] if count else []

    def recipients(self, version: SampleText) -> list[str]:
        count = ChannelText.objects.values("channel").distinct().count()
        words = ngettext(
            "%(count)s channel with texts, where the template changed", "%(count)s channels with texts, where the template changed", count
        )
        return [words % {"count": count}] if count else []

    def mail(self, version: SampleText, language: str) -> EmailMessage | None:
        """Each company is told of its own channels, so that there is no one mail to show."""
        return None

    def documents(self, version: SampleText) -> list[Document]:
        return []

    def obstacles(self, version: SampleText) -> list[str]:
        today = timezone.localdate()
        return self.refusals_of(lambda: publication.require_fit(version, today))

    def public_address(self, version: SampleText) -> str:
        return f"{reverse('texts')}?version={version.number}"

    def plan(self, *, version: SampleText, form: PlanForm, by: Any, at: datetime.datetime) -> None:
        fields = form.cleaned_data
        notes = {"de": fields["change_note_de"], "en": fields["change_note_en"]}
        services.plan(
            version=version, change_kind=fields["change_kind"], effective_date=fields["effective_date"], notes=notes, by=by, at=at
        )

    def approve(self, *, version: SampleText, by: Any, at: datetime.datetime) -> None:
        services.approve(version=version, by=by, at=at)

    def reopen(self, *, version: SampleText, by: Any, at: datetime.datetime) -> None:
        services.reopen(version=version, by=by, at=at)

    def send_test(self, *, version: SampleText, by: Any, at: datetime.datetime) -> None:
        """There is no mail to try."""

    def restore(self, *, version: SampleText, by: Any, at: datetime.datetime) -> SampleText:
        return services.start_draft(by=by, at=at, source=version)

    def refusals(self) -> dict[type[Exception], Callable[[Exception], str]]:
        return {
            **REFUSALS,
            services.Incomplete: lambda _refusal: gettext("Classify and date the draft first, and say in both languages what changes."),
            services.TextsMissing: lambda refusal: gettext("Texts are missing: %(names)s.") % {"names": refusal},
            services.FactsMissing: lambda refusal: gettext("Passages lack facts: %(names)s.") % {"names": refusal},
            services.CompanyWritten: lambda refusal: (
                gettext("A company is written into a template; it has to come from the register or the table of operators: %(names)s.")
                % {"names": refusal}
            ),
            UnknownPlaceholder: lambda refusal: gettext("A placeholder is unknown: %(names)s.") % {"names": refusal},
        }


def entries(version: SampleText, language: str) -> list[Entry]:
    """Return each text of a prompt and each section of a passage as an entry, by channel type."""
    kinds = SampleTextPart.Kind.values
    parts = sorted(version.parts.filter(language=language), key=lambda row: kinds.index(row.kind))
    sections = list(version.sections.all())
    found = []
    for channel_type in ChannelType.objects.all():
        label = channel_type.label(language)
        found += [
            Entry(f"{channel_type.key}:{row.kind}", f"{label}: {row.get_kind_display()}", [row.text])
            for row in parts
            if row.channel_type_id == channel_type.pk
        ]
        for section in sections:
            if section.channel_type_id == channel_type.pk:
                heading, text, item = section.templates(language)
                name = " – ".join(part for part in (heading or section.key, section.conditions) if part)
                condition = (section.when_statistics, section.when_segments, section.when_profile, section.when_recipients)
                key = ":".join((channel_type.key, section.key, *condition))
                found.append(Entry(key, f"{label}: {name}", [line for line in (*text.split("\n"), item) if line.strip()]))
    return found


REGISTER = RegisterOfSampleTexts()
