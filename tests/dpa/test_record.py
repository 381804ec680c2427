"""The processor's record (Art. 30(2) GDPR): one row per controller, for staff alone, as page, table and document."""

from __future__ import annotations

import csv
import io
from typing import Any

import pikepdf
import pytest
from django.test import Client

from dpa import recording
from tests.factories import agreement, customers

pytestmark = pytest.mark.django_db
PAGE = "/en/manage/record/"


@pytest.fixture
def legal(client: Client) -> Client:
    customers.provider()
    customers.log_in(client, customers.staff("legal"), mfa=True)
    return client


def accepted(number: int = 1) -> list[Any]:
    version = agreement.published()
    made = []
    for _each in range(number):
        company = customers.customer()
        agreement.accept(company, customers.owner(company), version)
        made.append(company)
    return made


def table(client: Client) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(f"{PAGE}record.csv").content.decode("utf-8-sig"))))


def test_every_controller_with_an_agreement_has_one_row_and_nobody_else(legal: Client) -> None:
    companies = accepted(3)
    customers.owner(customers.customer(legal_name="Without Agreement Ltd"))
    header, *rows = table(legal)
    assert sorted(row[0] for row in rows) == sorted(company.legal_name for company in companies)
    assert {len(row) for row in rows} == {len(header)} == {10}
    for row in rows:
        facts = dict(zip(header, row, strict=True))
        assert "@" in facts["Contact"]
        assert "1.0" in facts["Agreement"]
        assert facts["Categories of processing"] == "Data"
        assert "Cloudflare" in facts["Transfers"]
        assert "Register of measures, version 1" in facts["Measures"]


def test_references_of_the_description_are_spelled_out(legal: Client) -> None:
    version = agreement.published()
    text = version.text("en")
    text.filled_description = "## Data {#data}\n\n- Kept as [](#rights) says, for {{ customer_name }}\n"
    [part] = recording.categories(text)
    assert part["lines"] == ["Kept as section 2 says, for [legal name of the customer]"]


def test_a_closed_company_has_no_row(legal: Client) -> None:
    gone, stays = accepted(2)
    type(gone).objects.filter(pk=gone.pk).update(closed_at=gone.created_at)
    assert [row[0] for row in table(legal)[1:]] == [stays.legal_name]


def test_the_document_is_tagged_and_names_every_company(legal: Client) -> None:
    company = accepted()[0]
    response = legal.get(f"{PAGE}record.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    with pikepdf.open(io.BytesIO(response.content)) as file:
        assert file.Root.MarkInfo.Marked
    from tests.pdf import reading

    text = " ".join(" ".join(lines) for lines in reading.lines_of(response.content))
    assert company.legal_name.split()[0] in text


def test_more_companies_than_one_document_holds_are_printed_in_parts(legal: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from dpa.views import record
    from tests.pdf import reading

    monkeypatch.setattr(record, "MOST_IN_A_PDF", 2)
    companies = sorted(accepted(3), key=lambda company: company.legal_name)
    page = legal.get(PAGE).content.decode()
    assert "Part 1: companies 1 to 2" in page
    assert f"{PAGE}record.pdf?part=2" in page
    printed = [legal.get(f"{PAGE}record.pdf?part={number}").content for number in (1, 2)]
    texts = [" ".join(" ".join(lines) for lines in reading.lines_of(content)) for content in printed]
    assert "Part 2 of 2: companies 3 to 3, by name" in texts[1]
    named = [[company.legal_name in text for text in texts] for company in companies]
    assert named == [[True, False], [True, False], [False, True]]
    assert legal.get(f"{PAGE}record.pdf?part=3").status_code == 404


def test_the_page_shows_what_the_files_hold(legal: Client) -> None:
    company = accepted()[0]
    page = legal.get(PAGE)
    assert page.context["count"] == 1
    assert company.legal_name.split()[0] in page.content.decode()


@pytest.mark.parametrize("path", ["", "record.csv", "record.pdf"])
def test_only_staff_who_may_see_acceptances_read_it(client: Client, path: str) -> None:
    assert client.get(PAGE + path).status_code == 302
    customers.log_in(client, customers.owner(customers.customer()))
    assert client.get(PAGE + path).status_code in (302, 403)
    customers.log_in(client, customers.staff("support"), mfa=True)
    assert client.get(PAGE + path).status_code == 403


@pytest.mark.parametrize("count", [1, 5])
def test_the_table_takes_the_same_number_of_queries_for_any_number_of_companies(
    legal: Client, django_assert_max_num_queries: Any, count: int
) -> None:
    accepted(count)
    table(legal)
    with django_assert_max_num_queries(22):
        table(legal)
