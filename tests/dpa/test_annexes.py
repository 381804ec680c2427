"""The annexes in the agreement's text and in its PDF say what the registers say, word for word."""

from __future__ import annotations

import pytest

from dpa.documents import agreement_html
from tests.factories import agreement, customers

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
