"""Reading across versions: any two compared at an address that stays, and what applied on a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from subprocessors.models import SubprocessorList
from tests.factories import customers, registers

pytestmark = pytest.mark.django_db
COMPARE = "/en/subprocessors/compare/"


@pytest.fixture
def versions() -> list[SubprocessorList]:
    """Version 2 drops one company, adds one, changes one and puts one to another place."""
    entry = registers.entry
    first = registers.published_subprocessors(entry("a"), entry("b"), entry("c"), entry("gone"))
    changed = entry("c", processing_locations=["DE", "IE"])
    draft = registers.draft_subprocessors(entry("b"), entry("a"), changed, entry("fresh", purpose={"de": "Neu", "en": "New"}))
    return [first, registers.publish_subprocessors(draft, at=registers.AT + timedelta(days=30))]


def test_companies_came_went_changed_and_moved(client: Client, versions: Any) -> None:
    context = client.get(COMPARE).context
    parts = {part.key: part for part in context["difference"].parts}
    assert {key: parts[key].kind for key in ("fresh", "gone", "c")} == {"fresh": "added", "gone": "removed", "c": "changed"}
    assert sorted(parts[key].kind for key in "ab") == ["moved", "same"]
    assert context["difference"].changes == 4
    changed = [(block.old, block.new) for block in parts["c"].blocks if block.kind != "same"]
    assert changed == [("Places of processing: Germany", "Places of processing: Germany, Ireland")]


@pytest.mark.parametrize("view", ["inline", "synopsis", "list"])
def test_each_view_says_the_change_in_words_and_for_the_ear(client: Client, versions: Any, view: str) -> None:
    page = client.get(f"{COMPARE}?from=1&to=2&view={view}").content.decode()
    assert "Ireland" in page
    assert '<span class="vh">Added: </span>' in page
    assert "1 entry added" in page


def test_the_address_stays_and_answers_304(client: Client, versions: Any) -> None:
    address = f"{COMPARE}?from=1&to=2&view=list"
    first = client.get(address)
    assert not first.cookies
    registers.publish_subprocessors(registers.draft_subprocessors(), at=registers.AT + timedelta(days=60))
    shown = [[part.key for part in answer.context["difference"].parts] for answer in (first, client.get(address))]
    assert shown[0] == shown[1]
    again = client.get(address)
    assert client.get(address, headers={"if-none-match": again["ETag"]}).status_code == 304


def test_a_version_that_is_none_and_a_single_version_are_said_plainly(client: Client) -> None:
    registers.published_subprocessors()
    assert "nothing to compare yet" in client.get(COMPARE).content.decode()
    registers.publish_subprocessors(registers.draft_subprocessors(), at=registers.AT + timedelta(days=1))
    assert client.get(f"{COMPARE}?from=1&to=9").status_code == 404


@pytest.mark.parametrize(
    ("days", "number"), [(-1, None), (0, "1"), (29, "1"), (30, "2"), (900, "2")], ids=["before", "first day", "last day", "second", "since"]
)
def test_what_applied_on_a_day_is_shown_as_it_was(client: Client, versions: Any, days: int, number: str | None) -> None:
    day = (registers.AT + timedelta(days=days)).date()
    context = client.get(f"/en/subprocessors/?on={day.isoformat()}").context
    assert (context["version"].number if context["version"] else None) == number


@pytest.mark.parametrize("day", ["", "soon", "2026-13-01"])
def test_a_day_that_is_none_shows_the_current_list(client: Client, versions: Any, day: str) -> None:
    assert client.get("/en/subprocessors/", {"on": day}).context["version"].number == "2"


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize("path", ["", "?q=host", "versions/", "v/1/", "compare/", "host-0/"])
def test_each_page_takes_the_same_number_of_queries_with_one_row_and_with_three_hundred(
    client: Client, django_assert_num_queries: Any, path: str, count: int
) -> None:
    customers.provider()
    entries = [registers.entry(f"host-{number}") for number in range(count)]
    registers.published_subprocessors(*entries)
    registers.publish_subprocessors(registers.draft_subprocessors(*entries), at=registers.AT + timedelta(days=1))
    client.get(f"/en/subprocessors/{path}")
    with django_assert_num_queries(QUERIES[path]):
        client.get(f"/en/subprocessors/{path}")


QUERIES = {"": 5, "?q=host": 5, "versions/": 2, "v/1/": 5, "compare/": 10, "host-0/": 3}
