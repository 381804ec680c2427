"""The agreement in the publishing wizard: section by section, with the date by which customers must accept."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext

from customers.models import Customer
from dpa import announcing, composition, coverage, publication, services
from dpa.forms import AgreementPlanForm
from dpa.models import AgreementText, AgreementVersion
from notifications import messages
from notifications.models import Topic, UpdateSubscription
from publishing.comparison import Entry
from publishing.forms import PlanForm
from publishing.markdown import MalformedText, plain_blocks, split
from publishing.models import ChangeKind
from publishing.pages import REFUSALS, Document, Register

KIND = "agreement_new_version"


class RegisterOfAgreements(Register[AgreementVersion]):
    """The versions of the agreement, their words, mails and services; the gate follows their publication at once."""

    model = AgreementVersion
    name = "manage_dpa"
    look, edit = "dpa.view_agreementversion", "dpa.change_agreementversion"
    approval = "dpa.approve_agreementversion"
    form = AgreementPlanForm

    @property
    def title(self) -> str:
        return gettext("Data processing agreement")

    def versions(self) -> Any:
        return super().versions().prefetch_related("texts__documents")

    def entries(self, version: AgreementVersion, language: str) -> list[Entry]:
        """Return the sections as they were written, placeholders and all, since drafts are filled at their approval."""
        text = next((text for text in version.texts.all() if text.language == language), None)
        if text is None:
            return []
        values = [f"{name}: {value}" for name, value in sorted(version.parameters.items())]
        parameters = [Entry("parameters", gettext("Parameters"), values)] if values else []
        return [Entry("title", gettext("Title"), [text.title]), *sections(text, "body"), *sections(text, "description"), *parameters]

    def lacks(self, version: AgreementVersion) -> list[str]:
        """Return what is missing; what the second step asks for counts only once that step was taken."""
        if version.effective_date is None:
            texts = list(version.texts.all())
            return [lack for text in texts for lack in coverage.missing_in_text(version, text)]
        return coverage.missing(version, [code for code, _name in settings.LANGUAGES]) + services.missing_around(version)

    def recipients(self, version: AgreementVersion) -> list[str]:
        lines = []
        if self.current() is not None:
            told = customers_told().count()
            lines.append(ngettext("%(count)s customer, unasked", "%(count)s customers, unasked", told) % {"count": told})
        if version.change_kind == ChangeKind.MATERIAL:
            count = UpdateSubscription.objects.confirmed().filter(topics__contains=[Topic.AGREEMENT]).count()
            lines.append(ngettext("%(count)s subscriber by e-mail", "%(count)s subscribers by e-mail", count) % {"count": count})
        return lines

    def mail(self, version: AgreementVersion, language: str) -> EmailMessage | None:
        return messages.example(KIND, language, self.example(version, language)) if self.current() else None

    def example(self, version: AgreementVersion, language: str) -> dict[str, str]:
        """Return what the mail says, to a company that stands for all."""
        number = version.number or version.next_number(self.current())
        return announcing.mail_context(Customer(legal_name=gettext("Example Ltd")), version, language) | {"version": number}

    def documents(self, version: AgreementVersion) -> list[Document]:
        made = [(f"{text.title} ({text.language})", text.document) for text in version.texts.all()]
        return [
            Document(title, pages=document.pages, size=document.size, sha256=document.sha256) if document else Document(title)
            for title, document in made
        ]

    def documents_failed(self, version: AgreementVersion) -> bool:
        return services.failed_documents(version).exists()

    def make_documents_again(self, *, version: AgreementVersion) -> None:
        services.make_documents_again(version=version)

    def obstacles(self, version: AgreementVersion) -> list[str]:
        return self.refusals_of(lambda: publication.require_newest_annexes(version))

    def public_address(self, version: AgreementVersion) -> str:
        return reverse("dpa_version", args=[version.number])

    def plan(self, *, version: AgreementVersion, form: PlanForm, by: Any, at: datetime.datetime) -> None:
        services.plan(version=version, fields=form.cleaned_data, by=by, at=at)

    def approve(self, *, version: AgreementVersion, by: Any, at: datetime.datetime) -> None:
        services.approve(version=version, by=by, at=at)

    def reopen(self, *, version: AgreementVersion, by: Any, at: datetime.datetime) -> None:
        services.reopen(version=version, by=by, at=at)

    def send_test(self, *, version: AgreementVersion, by: Any, at: datetime.datetime) -> None:
        services.send_test_mail(version=version, context=self.example(version, by.language), by=by, at=at)

    def restore(self, *, version: AgreementVersion, by: Any, at: datetime.datetime) -> AgreementVersion:
        return services.draft_from(source=version, by=by, at=at)

    def also_concerned(self, version: AgreementVersion) -> str:
        return gettext("Also concerned: the gate, every customer’s acceptance, and the PDF in both languages.")

    def notes(self, version: AgreementVersion) -> list[dict[str, str]]:
        if version.must_accept_by is None:
            return []
        return [
            {
                "term": gettext("Must be accepted by"),
                "value": announcing.mail_context(Customer(), version, get_language() or "de")["must_accept_by"],
            }
        ]

    def refusals(self) -> dict[type[Exception], Callable[[Exception], str]]:
        return {
            **REFUSALS,
            services.Incomplete: lambda refusal: (
                gettext("Missing: %(what)s.") % {"what": "; ".join(cast(services.Incomplete, refusal).lacks)}
            ),
            services.AnnexOutdated: lambda _refusal: gettext(
                "A newer annex was published since the approval. Open this version again and have it approved anew."
            ),
            services.BodyLocked: lambda _refusal: gettext("The body is locked: only options, the description and the annexes may change."),
        }


def customers_told() -> QuerySet[Customer]:
    return Customer.objects.filter(closed_at=None)


def sections(text: AgreementText, part: str) -> Iterator[Entry]:
    """Yield the sections of the body or of the description; a text that is not in order yet is one entry."""
    written = str(getattr(text, part))
    try:
        preamble, found = split(written)
        numbered = composition.labels(text)
        labels = {section.key: section.title for section in found} | {key: numbered[key] for key in composition.ANNEXES}
        if preamble:
            yield Entry(f"{part}:", gettext("Preamble"), plain_blocks(preamble, labels))
        for section in found:
            yield Entry(f"{part}:{section.key}", section.title, plain_blocks(section.body, labels))
    except MalformedText:
        yield Entry(f"{part}:", gettext("Text"), [" ".join(block.split()) for block in written.split("\n\n")])


REGISTER = RegisterOfAgreements()
