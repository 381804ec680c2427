"""What the public pages of the sample texts show."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from customers.models import ChannelType, Provider
from privacy_text import facts, handing_out
from privacy_text.composing import DISCLAIMER, Composed, Kind, compose
from privacy_text.forms import SwitchForm
from privacy_text.models import LengthLimit, SampleText, SampleTextPart
from privacy_text.paragraphs import Paragraph
from privacy_text.questions import COMPANIES, question
from publishing import placeholders
from publishing.models import State
from subprocessors.models import SubprocessorList


@dataclass(frozen=True)
class Counter:
    """How long a text of the prompt is, and where that is too long."""

    paragraph: Paragraph
    length: int
    limits: Sequence[LengthLimit]

    @property
    def exceeded(self) -> list[LengthLimit]:
        return [limit for limit in self.limits if self.length > limit.characters]


def find_version(number: str) -> SampleText | None:
    """Return the version that is or was in force under the number, or without a number the current one."""
    if not number:
        return SampleText.objects.current()
    return SampleText.objects.readable().filter(number=number).first()


def find_version_on(day: datetime.date) -> SampleText | None:
    """Return the version that applied on the day."""
    return SampleText.objects.in_force_on(day)


def texts_page(version: SampleText | None, language: str) -> dict[str, object]:
    types = [{"key": row.key, "label": row.label(language), "kind": row.get_kind_display()} for row in types_of(version)]
    return {"version": version, "types": types, "section": "texts"}


def types_of(version: SampleText | None) -> QuerySet[ChannelType]:
    """Return the types for which the version has texts; a type that is new waits for its first version."""
    parts = SampleTextPart.objects.filter(version=version)
    return ChannelType.objects.filter(pk__in=parts.values("channel_type"))


def switch_form(given: dict[str, str], channel_type: ChannelType, language: str) -> SwitchForm:
    """Return the form; the page on cancelling is the provider's help page until the reader names another."""
    provider = Provider.objects.first()
    return SwitchForm(given, channel_type, {"cancel_url": provider.help_url(language) if provider else ""})


def composed_text(
    version: SampleText, channel_type: ChannelType, language: str, kind: Kind, form: SwitchForm, on: datetime.date
) -> Composed:
    return compose(
        version=version,
        channel_type=channel_type,
        language=language,
        kind=kind,
        choices=form.choices,
        values=form.answers,
        register=SubprocessorList.objects.current(),
        provider=Provider.objects.first(),
        on=on,
    )


def channel_type_page(
    version: SampleText | None, channel_type: ChannelType, language: str, form: SwitchForm, on: datetime.date
) -> dict[str, Any]:
    """Return the context of one channel type's page; without a version it says that nothing is published yet."""
    context: dict[str, Any] = {"version": version, "label": channel_type.label(language), "section": "texts"}
    if version is None or not version.has_texts_for(channel_type):
        return context | {"version": None}
    opt_in = composed_text(version, channel_type, language, "opt_in", form, on)
    passage = composed_text(version, channel_type, language, "passage", form, on)
    missing = {question.name: question for question in (*opt_in.missing, *passage.missing)}
    return context | {
        "key": channel_type.key,
        "availability": channel_type.availability(language),
        "form": form,
        "missing": list(missing.values()),
        "is_open": bool(missing or form.errors),
        "opt_in": shown(opt_in, form, version),
        "passage": shown(passage, form, version),
        "counters": counters(opt_in, channel_type),
        "covered": covered(passage),
    }


def shown(composed: Composed, form: SwitchForm, version: SampleText) -> dict[str, Any]:
    """Return the text as it can be taken away, or, while something is missing, as a preview with its open places."""
    if composed.missing or form.errors or not composed.paragraphs:
        return {"composed": composed, "title": composed.title, "paragraphs": handing_out.body(composed)[1]}
    query = form.query if version.state == State.PUBLISHED else f"{form.query}&version={version.number}"
    address = {"key": composed.channel_type, "kind": composed.kind.replace("_", "-")}
    files = [
        {"label": row.label, "url": f"{reverse('texts_file', kwargs={**address, 'form': name})}?{query}", "format": row.extension.upper()}
        for name, row in handing_out.FORMS.items()
    ]
    return {"composed": composed, "html": handing_out.as_html(composed), "files": files}


def counters(composed: Composed, channel_type: ChannelType) -> list[Counter]:
    limits = list(channel_type.length_limits.all())
    return [
        Counter(paragraph, len(paragraph.text), [limit for limit in limits if limit.part == f"opt_in_{paragraph.key}"])
        for paragraph in composed.paragraphs
    ]


def covered(composed: Composed) -> list[dict[str, str]]:
    """Return each fact of the checklist with where it stands, or why it is not needed."""
    headings = {paragraph.key: paragraph.heading for paragraph in composed.paragraphs}
    rows = []
    for fact, label in facts.FACTS.items():
        keys = composed.carried.get(fact, [])
        where = "; ".join(dict.fromkeys(headings[key] for key in keys))
        if fact == facts.OF_THE_DISCLAIMER:
            where = gettext("at the end of each copy")
        rows.append({"label": str(label), "where": where, "reason": str(composed.not_applicable.get(fact, ""))})
    return rows


def history(language: str) -> list[dict[str, object]]:
    """Return the versions as events of a timeline, newest first."""
    return [
        {
            "at": version.effective_date,
            "title": gettext("Version %(number)s") % {"number": version.number},
            "text": version.change_note(language),
            "past": version.state == State.SUPERSEDED,
            "url": f"{reverse('texts')}?version={version.number}",
        }
        for version in SampleText.objects.readable()
    ]


def wording(version: SampleText, channel_type: ChannelType, language: str) -> list[str]:
    """Return every template of a channel type as paragraphs for a comparison, each under what it is and when it stands."""
    parts = sorted(
        version.parts.filter(channel_type=channel_type, language=language), key=lambda row: type(row).Kind.values.index(row.kind)
    )
    lines = [f"{row.get_kind_display()}: {row.text}" for row in parts]
    for section in version.sections.filter(channel_type=channel_type):
        heading, text, item = section.templates(language)
        lines += [line for line in (f"{heading} {section.conditions}".strip(), *text.split("\n"), item) if line.strip()]
    return lines


def readable(version: SampleText, channel_type: ChannelType, language: str) -> str:
    """Return every template of a channel type as plain text: when each stands, and what belongs into its open places."""
    with override(language):
        day = date_format(version.effective_date, "DATE_FORMAT") if version.effective_date else gettext("draft")
        facts_of_text = {"label": channel_type.label(language), "number": version.number, "date": day}
        title = gettext("Sample texts: %(label)s, version %(number)s, %(date)s") % facts_of_text
        lines = wording(version, channel_type, language)
        names = sorted(set[str]().union(*(placeholders.names(line) for line in lines)))
        places = [f"{{{{ {name} }}}}: {meaning_of(name)}" for name in names]
        parts = [title, gettext(DISCLAIMER), *lines, gettext("What belongs into the open places"), "\n".join(places)]
    return "\n\n".join(parts) + "\n"


def meaning_of(name: str) -> str:
    return gettext("a line for each company that receives data") if name == COMPANIES else question(name).gap
