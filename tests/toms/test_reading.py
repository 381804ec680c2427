"""Reading what applied when: any two versions compared, the register as of a day, the measures by the headings of Annex III."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories import registers
from toms import legal_terms, reading, services
from toms.models import MeasureSet

pytestmark = pytest.mark.django_db
LATER = registers.AT + timedelta(days=30)


@pytest.fixture
def two_versions() -> MeasureSet:
    registers.published_measures()
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    draft.measures.filter(key="A-01").update(text_de="Neue Maßnahme A", text_en="New measure A")
    return registers.publish_measures(draft, at=LATER)


@pytest.mark.parametrize("view", ["inline", "synopsis", "list"])
def test_two_versions_compare_at_an_address_that_stays(client: Client, two_versions: MeasureSet, view: str) -> None:
    response = client.get(f"/en/tom/compare/?from=1&to=2&view={view}")
    page = response.content.decode()
    assert response.status_code == 200
    assert not response.cookies
    assert '<ins><span class="vh">Added: </span>' in page
    assert "1 changed" in page


def test_without_a_choice_the_newest_is_compared_with_the_one_before(client: Client, two_versions: MeasureSet) -> None:
    context = client.get("/en/tom/compare/").context
    assert (context["old"].number, context["new"].number) == ("1", "2")


def test_the_other_way_round_what_came_is_gone(client: Client, two_versions: MeasureSet) -> None:
    assert '<del><span class="vh">Removed: </span>New' in client.get("/en/tom/compare/?from=2&to=1&view=list").content.decode()


@pytest.mark.parametrize("query", ["from=9&to=1", "from=1&to=9", "from=x"])
def test_an_unknown_version_is_not_found(client: Client, two_versions: MeasureSet, query: str) -> None:
    assert client.get(f"/en/tom/compare/?{query}").status_code == 404


def test_a_draft_is_compared_by_nobody(client: Client, two_versions: MeasureSet) -> None:
    draft = services.start_draft(by=registers.editor(), at=LATER)
    draft.measures.filter(key="B-01").update(text_de="Geheim", text_en="Secret")
    assert "Secret" not in client.get("/en/tom/compare/").content.decode()


def test_one_version_has_nothing_to_be_compared_with(client: Client) -> None:
    registers.published_measures()
    assert "nothing to compare yet" in client.get("/en/tom/compare/").content.decode()


@pytest.mark.parametrize(("days", "number"), [(0, "1"), (29, "1"), (30, "2"), (400, "2")])
def test_the_register_as_of_a_day_is_the_version_that_applied(client: Client, two_versions: MeasureSet, days: int, number: str) -> None:
    day = (registers.DAY + timedelta(days=days)).isoformat()
    response = client.get(f"/en/tom/?on={day}")
    assert response.context["version"].number == number
    assert f"version\xa0{number} applied" in response.content.decode()


def test_before_the_first_version_nothing_applied(client: Client, two_versions: MeasureSet) -> None:
    page = client.get(f"/en/tom/?on={registers.DAY - timedelta(days=1)}").content.decode()
    assert "no version of the measures was in force" in page


@pytest.mark.parametrize("day", ["", "yesterday", "2026-13-01"])
def test_what_is_no_day_shows_the_current_version(client: Client, two_versions: MeasureSet, day: str) -> None:
    assert client.get(f"/en/tom/?on={day}").context["version"].number == "2"


# --- Annex III --------------------------------------------------------------------------------------------------------


def test_the_sample_answers_all_17_headings_in_their_order() -> None:
    headings = reading.by_scc_heading(registers.sample_measures(), "en")
    assert [heading["key"] for heading in headings] == list(legal_terms.SCC_HEADINGS)
    assert len(headings) == 17


@pytest.mark.parametrize("language", ["de", "en"])
def test_by_headings_no_measure_is_lost_and_none_stands_twice(language: str) -> None:
    sample = registers.sample_measures()
    keys = [line["key"] for heading in reading.by_scc_heading(sample, language) for line in heading["measures"]]
    assert sorted(keys) == sorted(sample.measures.values_list("key", flat=True))


def test_measures_without_a_heading_come_last(client: Client) -> None:
    registers.published_measures()
    (heading,) = reading.by_scc_heading(MeasureSet.objects.get(), "en")
    assert heading["label"] == "Further measures"
    assert "Further measures" in client.get("/en/tom/?order=annex-iii").content.decode()


def test_the_table_by_headings_names_each_measure_with_its_heading(client: Client) -> None:
    registers.sample_measures()
    rows: list[Any] = list(csv.reader(io.StringIO(client.get("/en/tom/measures.csv?order=annex-iii").content.decode("utf-8-sig"))))
    assert rows[0] == ["Heading of Annex III", "Key", "Implemented", "Measure"]
    assert rows[1][0] == "Pseudonymisation and encryption of personal data"
    assert len(rows) == 1 + MeasureSet.objects.get().measures.count()


# --- the catalogue ----------------------------------------------------------------------------------------------------


def test_each_measure_of_the_sample_is_said_in_one_or_two_short_sentences() -> None:
    for measure in registers.sample_measures().measures.all():
        for language in ("de", "en"):
            assert len(measure.text(language)) <= 170, measure.key
            assert measure.text(language).endswith("."), measure.key
