"""What the agreement's pages show: a text with its sections and annexes, and the differences between two versions."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q

from customers.models import Customer
from dpa import composition
from dpa.models import Acceptance, AgreementText, AgreementVersion, PaperAgreement
from publishing.comparison import Block, compare, count_changes
from publishing.periods import end_of_day
from subprocessors.models import SubprocessorList
from toms.models import MeasureSet


def page_of(text: AgreementText, customer: Customer | None) -> dict[str, Any]:
    """Return what a reading page needs: the text's parts, its annexes, its document."""
    version = text.version
    measures, subprocessors = version.measure_set, version.subprocessor_list
    assert measures is not None
    assert subprocessors is not None  # pinned at approval
    return {
        "text": text,
        "version": version,
        "preamble": composition.preamble(text, customer),
        "sections": composition.sections(text, customer),
        "annexes": composition.annexes(text),
        "description_sections": composition.description_sections(text, customer),
        "measures": measures.as_annex(text.language),
        "subprocessors": subprocessors.as_annex(text.language),
        "provider_party": text.provider_facts,
        "customer": customer,
        "document": text.document,
    }


def versions() -> Any:
    """Return the versions that were ever published, newest first, with what every list of them needs."""
    return AgreementVersion.objects.readable().select_related("measure_set", "subprocessor_list").prefetch_related("texts__documents")


def current() -> AgreementVersion | None:
    chosen: AgreementVersion | None = versions().filter(state="published").first()
    return chosen


def version_numbered(number: str) -> AgreementVersion:
    """Return a version that is or was in force; raises DoesNotExist."""
    chosen: AgreementVersion = versions().get(number=number)
    return chosen


def difference(old: AgreementVersion, new: AgreementVersion, language: str) -> dict[str, Any]:
    """Return the comparison of two versions' plain texts, paragraph by paragraph."""
    before, after = old.text(language), new.text(language)
    blocks = compare(paragraphs(before), paragraphs(after))
    return {
        "old": old,
        "new": new,
        "blocks": blocks,
        "changes": count_changes(blocks),
        "folded": folded(blocks),
        "language": after.language,
    }


def paragraphs(text: AgreementText) -> list[str]:
    blank = composition.customer_values(None, text.language)
    from publishing.placeholders import fill

    return [" ".join(block.split()) for block in fill(text.plain_text, blank).split("\n\n")]


def folded(blocks: list[Block]) -> list[dict[str, Any]]:
    """Group unchanged paragraphs so that a page can fold them; every changed one stands alone."""
    groups: list[dict[str, Any]] = []
    for block in blocks:
        if block.kind == "same" and groups and groups[-1]["is_same"]:
            groups[-1]["blocks"].append(block)
        else:
            groups.append({"is_same": block.kind == "same", "blocks": [block]})
    return groups


def latest_acceptance(customer: Customer) -> Acceptance | None:
    return customer.acceptances.select_related("version", "text").order_by("-version__published_at").first()


def paper_in_force(customer: Customer, day: datetime.date) -> PaperAgreement | None:
    return customer.paper_agreements.filter(Q(ends_date=None) | Q(ends_date__gte=day)).first()


def applied_on(customer: Customer, day: datetime.date) -> dict[str, Any]:
    """Return what bound the customer at the end of the day: its agreement with the annexes that this pins, and the registers in force."""
    until = end_of_day(day)
    accepted = customer.acceptances.filter(accepted_at__lt=until).select_related(
        "version__measure_set", "version__subprocessor_list", "text"
    )
    papers = customer.paper_agreements.filter(Q(ends_date=None) | Q(ends_date__gte=day), signed_date__lte=day)
    return {
        "acceptance": accepted.order_by("-version__published_at").first(),
        "paper": papers.first(),
        "measure_set": MeasureSet.objects.in_force_on(day),
        "subprocessor_list": SubprocessorList.objects.in_force_on(day),
    }


def acceptance_of(customer: Customer, reference: str) -> Acceptance:
    """Return one of the customer's own acceptances; raises DoesNotExist for anybody else's."""
    return customer.acceptances.select_related("version", "text", "party").get(reference=reference)
