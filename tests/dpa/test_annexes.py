"""The annexes in the agreement's text and in its PDF say what the registers say, word for word."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

import pdf
from dpa import executing, services
from dpa.documents import agreement_html
from dpa.models import Acceptance
from subprocessors.models import AgreedTerms, SubprocessorList
from tests.factories import agreement, customers, registers
from tests.pdf import reading

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["de", "en"])
def test_text_and_pdf_print_each_entry_of_the_pinned_registers_as_the_registers_do(language: str) -> None:
    customers.provider()
    text = agreement.approved().text(language)
    assert text.version.subprocessor_list is not None
    assert text.version.measure_set is not None
    printed, plain = agreement_html(text, customer=None), " ".join(text.plain_text.split())
    for entry in text.version.subprocessor_list.as_annex(language):
        for fact in (entry["data_categories"], entry["processing_locations"], entry["transfer_basis"]):
            assert fact in printed
            assert " ".join(fact.split()) in plain
    for category in text.version.measure_set.as_annex(language):
        for control in category["controls"]:
            assert control["art32"] in printed


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_sample_agreement_prints_ten_to_fourteen_pages_with_its_annexes(language: str) -> None:
    customers.provider()
    agreement.registers(registers.AT)
    by, second = agreement.staff_member("author"), agreement.staff_member("approver")
    sample = services.load_sample(by=by, approved_by=second, at=registers.AT, effective_date=registers.AT.date())
    text = sample.text(language)
    html = agreement_html(text, customer=None)
    drawn = pdf.render(html=html, title=text.title, author="A", language=language, created_at=registers.AT)
    assert drawn.pages in range(10, 15)


def test_an_old_acceptance_prints_the_annexes_that_it_pinned_byte_for_byte_after_ten_later_publications() -> None:
    customers.provider()
    company = customers.customer()
    accepted = agreement.accept(company, customers.owner(company), agreement.published(), language="en")
    first = executing.render_executed(accepted)
    before = {accepted.measures_sha256, accepted.subprocessors_sha256}
    AgreedTerms.objects.all().delete()  # nobody has to be told, so that ten lists can follow at once
    for number in range(10):
        at = registers.AT + timedelta(days=number + 1)
        registers.publish_subprocessors(registers.draft_subprocessors(registers.entry(f"later-{number}")), at=at)
        letters = [registers.control(f"L{number}{letter.upper()}", letter) for letter in "abcd"]
        registers.publish_measures(registers.draft_measures(registers.measures_content(*letters)), at=at)
    again = Acceptance.objects.select_related("version", "text", "party").get(pk=accepted.pk)
    assert SubprocessorList.objects.current() != again.version.subprocessor_list
    assert {again.version.measure_set.sha256, again.version.subprocessor_list.sha256} == before
    assert executing.render_executed(again).content == first.content
    text = " ".join(" ".join(lines) for lines in reading.lines_of(first.content))
    assert "Cloudflare, Inc." in text
    assert "Later-9" not in text


def test_the_german_record_and_mail_name_the_time_zone_in_german() -> None:
    customers.provider()
    company = customers.customer()
    accepted = agreement.accept(company, customers.owner(company), agreement.published(), language="de")
    lines = reading.lines_of(executing.render_executed(accepted).content)
    printed = " ".join(" ".join(page) for page in lines)
    said = executing.mail_context(accepted, "de")["accepted_at"]
    for text in (printed, said):
        assert re.search(r"Uhr \(MES?Z\)", text)
        assert not re.search(r"\(CES?T\)", text)
    assert re.search(r"\(CES?T\)", executing.mail_context(accepted, "en")["accepted_at"])
