"""A measure that goes or protects less needs a reason and a replacement that is in force: in the service, whoever calls it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from customers.models import User
from tests.factories import customers, registers
from toms import services
from toms.models import MeasureSet, Weakening
from toms.services import Statement

pytestmark = pytest.mark.django_db
EXTRA = {"key": "A-02", "implemented_by": "provider", "text": {"de": "Zweite", "en": "Second"}}


@pytest.fixture
def editor() -> User:
    return customers.staff("editor")


@pytest.fixture
def draft(editor: User) -> MeasureSet:
    """A draft of a set whose control A has two measures, so that one may go and every letter stays answered."""
    letters = [registers.control(letter.upper(), letter) for letter in "bcd"]
    first = registers.control("A", "a")
    first["measures"] = [*first["measures"], EXTRA]
    registers.published_measures(registers.measures_content(first, *letters))
    return services.start_draft(by=editor, at=registers.AT)


def plan(draft: MeasureSet, *statements: Statement) -> MeasureSet:
    return registers.plan_measures(draft, weakenings=list(statements))


REMOVALS: list[Callable[[MeasureSet], object]] = [
    lambda draft: draft.measures.filter(key="A-02").delete(),
    lambda draft: draft.measures.filter(key="A-02").update(status="planned"),
    lambda draft: draft.measures.filter(key="A-02").update(status="retired"),
]


@pytest.mark.parametrize("remove", REMOVALS)
def test_a_removed_measure_without_a_reason_is_refused_and_nothing_is_written(
    draft: MeasureSet, remove: Callable[[MeasureSet], object]
) -> None:
    remove(draft)
    with pytest.raises(services.ReplacementMissing) as refusal:
        plan(draft)
    assert refusal.value.keys == ["A-02"]
    draft.refresh_from_db()
    assert draft.change_note_de == ""


@pytest.mark.parametrize("remove", REMOVALS)
def test_with_a_reason_and_a_replacement_it_is_published_and_the_reason_is_kept(
    draft: MeasureSet, remove: Callable[[MeasureSet], object]
) -> None:
    remove(draft)
    plan(draft, Statement("A-02", "Doubled by A-01", "A-01"))
    second = registers.editor()
    approved = registers.printed(services.approve(measure_set=draft, by=second, at=registers.AT))
    published = services.publish(measure_set=approved, by=second, at=registers.AT)
    (kept,) = published.weakenings.all()
    assert (kept.measure_key, kept.reason, kept.replacement_key) == ("A-02", "Doubled by A-01", "A-01")
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        published.weakenings.update(reason="Another")


@pytest.mark.parametrize("replacement", ["A-02", "X-99", "B-01"])
def test_the_replacement_is_another_measure_that_the_set_promises(draft: MeasureSet, replacement: str) -> None:
    draft.measures.filter(key__in=["A-02", "B-01"]).update(status="retired")
    with pytest.raises(services.ReplacementMissing):
        plan(draft, Statement("A-02", "Reason", replacement), Statement("B-01", "Reason", "A-01"))


def test_a_control_that_answers_fewer_letters_weakens_its_measures(draft: MeasureSet) -> None:
    draft.controls.filter(code="B").update(art32=["b", "c"])
    registers.publish_measures(draft)
    later = services.start_draft(by=registers.editor(), at=registers.AT)
    later.controls.filter(code="B").update(art32=["b"])
    with pytest.raises(services.ReplacementMissing) as refusal:
        registers.plan_measures(later, weakenings=[])
    assert refusal.value.keys == ["B-01"]


def test_a_replacement_that_goes_after_the_classification_stops_the_approval(draft: MeasureSet) -> None:
    draft.measures.filter(key="A-02").delete()
    plan(draft, Statement("A-02", "Doubled by A-01", "A-01"))
    draft.measures.filter(key="A-01").update(status="planned")
    draft.measures.filter(key="B-01").update(text_de="Anders", text_en="Different")
    with pytest.raises((services.ReplacementMissing, services.LettersMissing)):
        services.approve(measure_set=draft, by=registers.editor(), at=registers.AT)


@pytest.mark.parametrize(("reason", "replacement"), [("", "A-01"), ("Reason", ""), ("Reason", "A-02")])
def test_the_database_holds_no_statement_without_reason_and_another_replacement(draft: MeasureSet, reason: str, replacement: str) -> None:
    with pytest.raises(IntegrityError, match="toms_weakening"), transaction.atomic():
        Weakening.objects.create(measure_set=draft, measure_key="A-02", reason=reason, replacement_key=replacement)


# --- in the wizard ----------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    customers.log_in(client, editor, mfa=True)
    return client


def given(**fields: str) -> dict[str, str]:
    usual = {
        "change_kind": "material",
        "change_note_de": "Neu",
        "change_note_en": "New",
        "effective_date": timezone.localdate().isoformat(),
    }
    return {**usual, **fields}


def test_the_wizard_asks_for_a_reason_and_a_replacement_of_each_measure_that_goes(desk: Client, draft: MeasureSet) -> None:
    draft.measures.filter(key="A-02").delete()
    address = f"/en/manage/toms/{draft.pk}/publish/plan/"
    assert "Why is A-02 removed or weakened?" in desk.get(address).content.decode()
    refused = desk.post(address, given())
    assert set(refused.context["form"].errors) == {"reason-A-02", "replacement-A-02"}
    assert desk.post(address, given(**{"reason-A-02": "Doubled", "replacement-A-02": "A-01"})).status_code == 302
    assert "A-02 removed or weakened" in desk.get(f"/en/manage/toms/{draft.pk}/publish/check/").content.decode()


def test_a_reworded_measure_may_be_called_weaker_and_then_needs_both(desk: Client, draft: MeasureSet) -> None:
    draft.measures.filter(key="A-02").update(text_de="Schwächer", text_en="Weaker")
    address = f"/en/manage/toms/{draft.pk}/publish/plan/"
    refused = desk.post(address, given(**{"weaker-A-02": "on"}))
    assert set(refused.context["form"].errors) == {"reason-A-02", "replacement-A-02"}
    assert desk.post(address, given()).status_code == 302
    assert not draft.weakenings.exists()
    desk.post(address, given(**{"weaker-A-02": "on", "reason-A-02": "Costs", "replacement-A-02": "A-01"}))
    assert draft.weakenings.get().reason == "Costs"
