"""A change and a publication at the same moment: whichever comes first, what is published is what was approved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction

import publishing.services
from tests.factories import registers
from tests.factories.meanwhile import Meanwhile
from toms import services
from toms.models import Measure, MeasureSet


@pytest.fixture
def approved(own_database: str) -> MeasureSet:
    return registers.printed(registers.approve_measures(registers.draft_measures()))


def add(measure_set: MeasureSet) -> None:
    control = measure_set.controls.get(code="A")
    Measure.objects.create(measure_set=measure_set, control=control, key="A-02", text_de="Neu", text_en="New", status="implemented")


CHANGES = [
    add,
    lambda measure_set: measure_set.measures.filter(key="A-01").update(text_de="Untergeschoben"),
    lambda measure_set: measure_set.controls.filter(code="A").update(aim_de="Untergeschoben"),
    lambda measure_set: measure_set.categories.update(label_de="Untergeschoben"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_publication_waits_for_a_change_and_then_refuses_what_nobody_approved(
    approved: MeasureSet, change: Callable[[MeasureSet], object]
) -> None:
    person = registers.editor()
    publication = Meanwhile(
        lambda: services.publish(measure_set=approved, by=person, at=registers.AT),
    )
    with transaction.atomic():
        change(approved)
        publication.start_and_wait_until_blocked()
    assert isinstance(publication.finish(), publishing.services.ContentChanged)
    approved.refresh_from_db()
    assert approved.state == "approved"


@pytest.mark.parametrize("change", [*CHANGES, lambda measure_set: measure_set.measures.filter(key="A-01").delete()])
def test_a_change_waits_for_a_publication_and_is_then_refused(approved: MeasureSet, change: Callable[[MeasureSet], object]) -> None:
    late = Meanwhile(lambda: change(approved))
    with transaction.atomic():
        services.publish(measure_set=approved, by=registers.editor(), at=registers.AT)
        late.start_and_wait_until_blocked()
    refusal = late.finish()
    assert isinstance(refusal, DatabaseError)
    assert "belongs to a published version" in str(refusal)
    approved.refresh_from_db()
    assert approved.content_sha256() == approved.sha256
