"""The subprocessors in the publishing wizard: an approval announces what customers have to be told of, and plans the publication."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, override

from notifications import messages
from notifications.links import absolute
from notifications.models import Topic, UpdateSubscription
from publishing import printing
from publishing.comparison import Entry
from publishing.forms import PlanForm
from publishing.models import ChangeKind
from publishing.pages import REFUSALS, Document, Register, printed_documents
from subprocessors import announcing, changes, letters, publication, reading, services, telling
from subprocessors.documents import RENDER
from subprocessors.models import AgreedTerms, AnnouncedChange, SubprocessorList


class RegisterOfSubprocessors(Register[SubprocessorList]):
    """The lists of subprocessors, their words, mails and services."""

    model = SubprocessorList
    name = "manage_subprocessors"
    look, edit = "subprocessors.view_subprocessorlist", "subprocessors.change_subprocessorlist"
    approval = "subprocessors.approve_subprocessorlist"

    @property
    def title(self) -> str:
        return gettext("Subprocessors")

    def address(self, page: str, version: SubprocessorList | None = None) -> str:
        """The desk is one page for whatever draft there is; a published version is read where everybody reads it."""
        if page == "version":
            return self.public_address(version) if version and version.is_frozen else reverse(self.name)
        return super().address(page, version)

    def entries(self, version: SubprocessorList, language: str) -> list[Entry]:
        return reading.entries(version, language)

    def lacks(self, version: SubprocessorList) -> list[str]:
        return [f"{name}: {' '.join(reasons)}" for name, reasons in services.unfit_entries(version)]

    def to_be_told(self, version: SubprocessorList) -> list[changes.Change]:
        """Return the changes that the approval announces; without customers there is nobody to tell."""
        if not customers_told().exists():
            return []
        return changes.untold(changes.differences(SubprocessorList.objects.current(), version))

    def recipients(self, version: SubprocessorList) -> list[str]:
        if not self.to_be_told(version) and version.change_kind == ChangeKind.EDITORIAL:
            return []
        told = customers_told().count() if self.to_be_told(version) else 0
        count = UpdateSubscription.objects.confirmed().filter(topics__contains=[Topic.SUBPROCESSORS]).count()
        lines = [ngettext("%(count)s customer, unasked", "%(count)s customers, unasked", told) % {"count": told}] if told else []
        return [*lines, ngettext("%(count)s subscriber by e-mail", "%(count)s subscribers by e-mail", count) % {"count": count}]

    def mail(self, version: SubprocessorList, language: str) -> EmailMessage | None:
        found = self.to_be_told(version)
        if found:
            return messages.example("subprocessors_announced", language, announcement_example(version, found, language))
        if version.change_kind == ChangeKind.EDITORIAL:
            return None
        notes = {"de": version.change_note_de, "en": version.change_note_en}
        number = version.number or version.next_number(self.current())
        content = messages.of_publication(topic=Topic.SUBPROCESSORS, view="subprocessors_version", number=number, notes=notes)
        return messages.example("updates_published", language, content[language])

    def documents(self, version: SubprocessorList) -> list[Document]:
        return printed_documents(self.title, version.printed())

    def documents_failed(self, version: SubprocessorList) -> bool:
        return printing.failed_job(RENDER, version) is not None

    def make_documents_again(self, *, version: SubprocessorList) -> None:
        printing.order_again(RENDER, version)

    def obstacles(self, version: SubprocessorList) -> list[str]:
        return self.refusals_of(lambda: publication.require_free(version, timezone.localdate()))

    def public_address(self, version: SubprocessorList) -> str:
        return reverse("subprocessors_version", args=[version.number])

    def usual_date(self, version: SubprocessorList, today: datetime.date) -> datetime.date:
        """Return the first day that lies in nobody's period, or today when nobody has to be told before."""
        decided = [change for change in self.to_be_told(version) if change.kind != AnnouncedChange.Kind.REMOVAL]
        return (
            telling.earliest_start(told=timezone.localdate(timezone.now() + settings.QUIET_WINDOW), is_urgent=False) if decided else today
        )

    def warnings(self, version: SubprocessorList) -> list[str]:
        names = ", ".join(str(change.entry["legal_name"]) for change in self.to_be_told(version))
        if not names:
            return []
        text = gettext("Approving announces the changes at %(names)s to all customers after the quiet window.")
        return [text % {"names": names}]

    def also_concerned(self, version: SubprocessorList) -> str:
        return gettext("Also concerned: Annex 4 of the next version of the agreement, and the PDF in both languages.")

    def plan(self, *, version: SubprocessorList, form: PlanForm, by: Any, at: datetime.datetime) -> None:
        fields = form.cleaned_data
        services.plan(
            subprocessor_list=version,
            change_kind=fields["change_kind"],
            effective_date=fields["effective_date"],
            notes={"de": fields["change_note_de"], "en": fields["change_note_en"]},
            by=by,
            at=at,
        )

    def approve(self, *, version: SubprocessorList, by: Any, at: datetime.datetime) -> None:
        services.approve(subprocessor_list=version, by=by, at=at)

    def reopen(self, *, version: SubprocessorList, by: Any, at: datetime.datetime) -> None:
        services.reopen(subprocessor_list=version, by=by, at=at)

    def send_test(self, *, version: SubprocessorList, by: Any, at: datetime.datetime) -> None:
        services.send_test_mail(subprocessor_list=version, by=by, at=at)

    def restore(self, *, version: SubprocessorList, by: Any, at: datetime.datetime) -> SubprocessorList:
        return services.restore(source=version, by=by, at=at)

    def refusals(self) -> dict[type[Exception], Callable[[Exception], str]]:
        return {
            **REFUSALS,
            services.EntryUnfit: str,
            services.Incomplete: lambda _refusal: gettext("Classify and date the draft first, and say in both languages what changes."),
            services.NotAnnounced: lambda refusal: not_announced(cast(services.NotAnnounced, refusal)),
            services.StillBlocked: lambda refusal: still_blocked(cast(services.StillBlocked, refusal)),
            services.StartsTooEarly: lambda refusal: too_early(cast(services.StartsTooEarly, refusal)),
        }


def customers_told() -> Any:
    return AgreedTerms.objects.filter(customer__closed_at=None)


def announcement_example(version: SubprocessorList, found: list[changes.Change], language: str) -> dict[str, Any]:
    """Return what one customer with the longest periods would read."""
    today = timezone.localdate(timezone.now() + settings.QUIET_WINDOW)
    longest = customers_told().aggregate(notice=Max("notice_days"), objection=Max("objection_days"))
    start = version.effective_date or today
    told = [announced(change) for change in found]
    with override(language):
        return {
            "reference": "UA-…",
            "changes": [letters.answers(change, language) for change in told],
            "is_information": all(change.kind == AnnouncedChange.Kind.REMOVAL for change in told),
            "is_urgent": False,
            "urgency": "",
            "planned_start_on": start.isoformat(),
            "company": gettext("Your company"),
            "notice_ends_on": (today + datetime.timedelta(days=longest["notice"])).isoformat(),
            "objection_ends_on": (today + datetime.timedelta(days=longest["objection"])).isoformat(),
            "starts_on": start.isoformat(),
            "is_shortened": False,
            "needs_consent": False,
            "action_url": absolute(reverse("account_notices")),
            "action_label": gettext("Open the notice"),
        }


def announced(change: changes.Change) -> AnnouncedChange:
    texts = announcing.default_details(change)
    return AnnouncedChange(kind=change.kind, slug=change.slug, legal_name=change.entry["legal_name"], entry=dict(change.entry), **texts)


def not_announced(refusal: services.NotAnnounced) -> str:
    return gettext("Not announced yet: %(names)s. Announce the changes under “Notices”.") % {"names": ", ".join(refusal.names)}


def still_blocked(refusal: services.StillBlocked) -> str:
    if not refusal.count:
        return gettext("Customers are still being told, or the planned start has not come yet.")
    text = ngettext("%(count)d customer stands against the change.", "%(count)d customers stand against the change.", refusal.count)
    return text % {"count": refusal.count}


def too_early(refusal: services.StartsTooEarly) -> str:
    text = gettext("Customers’ periods run until then. The earliest possible start is %(day)s.")
    return text % {"day": date_format(refusal.earliest, "DATE_FORMAT")}


REGISTER = RegisterOfSubprocessors()
