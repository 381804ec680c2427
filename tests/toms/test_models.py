"""Sets of measures: what they show, what they hash, and that a published one never changes."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.factories import registers
from toms import services
from toms.models import Category, Control, Measure, MeasureSet

pytestmark = pytest.mark.django_db


def refused(statement: str, *values: Any) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError:
        return True
    return False


def test_the_hash_is_that_of_the_public_json() -> None:
    published = registers.published_measures()
    assert published.sha256 == hashlib.sha256(published.content_json()).hexdigest() == published.content_sha256()


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_hash_covers_the_wording_of_both_languages(language: str) -> None:
    draft = registers.draft_measures()
    before = draft.content_sha256()
    Measure.objects.filter(measure_set=draft, key="A-01").update(**{f"text_{language}": "Anders"})
    assert draft.content_sha256() != before


def test_the_hash_leaves_internal_notes_out() -> None:
    draft = registers.draft_measures()
    before = draft.content_sha256()
    draft.measures.update(internal_detail="Rack 7", owner="Operations")
    assert draft.content_sha256() == before
    assert b"Rack 7" not in draft.content_json()


@pytest.mark.parametrize("status", ["planned", "retired"])
def test_only_implemented_measures_are_shown(status: str) -> None:
    draft = registers.draft_measures()
    draft.measures.filter(key="A-01").update(status=status)
    controls = draft.as_annex("en")[0]["controls"]
    assert [control["code"] for control in controls] == ["B", "C", "D"]


def test_a_category_without_implemented_measures_is_left_out() -> None:
    draft = registers.draft_measures()
    draft.measures.update(status="planned")
    assert draft.as_annex("de") == []


def test_the_annex_tells_whose_measure_it_is_and_which_provision_it_answers() -> None:
    texts = [
        {"key": "P-1", "implemented_by": "provider", "text": {"de": "Schlösser", "en": "Locks"}},
        {"key": "S-1", "implemented_by": "subprocessors", "text": {"de": "Zaun", "en": "Fence"}},
    ]
    draft = registers.draft_measures(registers.measures_content(registers.control(art32=["a", "b"], measures=texts)))
    (german,), (english,) = (draft.as_annex(language)[0]["controls"] for language in ("de", "en"))
    assert (german["provider_measures"], german["subprocessor_measures"]) == (["Schlösser"], ["Zaun"])
    assert (english["provider_measures"], english["subprocessor_measures"]) == (["Locks"], ["Fence"])
    assert german["art32"] == "Art.\xa032 Abs.\xa01 lit.\xa0a und b\xa0DSGVO"
    assert english["art32"] == "Art.\xa032(1)(a) and (b)\xa0GDPR"


def test_the_annex_of_an_old_set_stays_as_it_was_after_a_later_publication() -> None:
    old = registers.published_measures()
    annexes = {language: old.as_annex(language) for language in ("de", "en")}
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    draft.measures.update(text_de="Neu", text_en="New")
    draft.categories.update(label_de="Neu", label_en="New")
    new = registers.publish_measures(draft)
    old.refresh_from_db()
    assert (old.state, new.state, new.number) == ("superseded", "published", "2")
    assert {language: old.as_annex(language) for language in ("de", "en")} == annexes
    assert old.content_sha256() == old.sha256 != new.sha256


def test_two_controls_of_a_set_cannot_share_an_english_label_in_any_case() -> None:
    draft = registers.draft_measures()
    with pytest.raises(IntegrityError, match="toms_control_english_label_once"):
        draft.controls.filter(code="A").update(label_en="cONTROL b")


def test_an_unknown_letter_of_article_32_is_refused() -> None:
    draft = registers.draft_measures()
    with pytest.raises(IntegrityError, match="toms_control_letters_of_art_32"):
        draft.controls.filter(code="A").update(art32=["e"])


def test_a_measure_without_its_english_wording_is_refused() -> None:
    draft = registers.draft_measures()
    with pytest.raises(IntegrityError, match="toms_measure_in_both_languages"):
        draft.measures.filter(key="A-01").update(text_en="")


@pytest.mark.parametrize(
    "change",
    [
        lambda published: MeasureSet.objects.filter(pk=published.pk).update(change_note_de="Anders"),
        lambda published: MeasureSet.objects.filter(pk=published.pk).update(state="draft"),
        lambda published: MeasureSet.objects.filter(pk=published.pk).update(sha256="0" * 64),
        lambda published: published.delete(),
        lambda published: published.categories.update(label_de="Anders"),
        lambda published: published.categories.all().delete(),
        lambda published: published.controls.update(aim_de="Anders"),
        lambda published: published.controls.all().delete(),
        lambda published: published.measures.update(text_de="Anders"),
        lambda published: published.measures.update(internal_detail="Anders"),
        lambda published: published.measures.all().delete(),
        lambda published: Category.objects.create(measure_set=published, key="new", label_de="Neu", label_en="New"),
    ],
)
def test_a_published_set_refuses_every_change_through_the_models(change: Any) -> None:
    published = registers.published_measures()
    with pytest.raises(DatabaseError, match=r"is refused|referenced through protected"), transaction.atomic():
        change(published)
    published.refresh_from_db()
    assert published.content_sha256() == published.sha256


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE toms_measureset SET number = '9'",
        "UPDATE toms_measureset SET state = 'superseded'",
        "DELETE FROM toms_measureset",
        "TRUNCATE toms_measureset CASCADE",
        "UPDATE toms_category SET sort = 9",
        "DELETE FROM toms_category",
        "TRUNCATE toms_category CASCADE",
        "UPDATE toms_control SET code = 'X' || code",
        "DELETE FROM toms_control",
        "TRUNCATE toms_control CASCADE",
        "UPDATE toms_measure SET status = 'retired'",
        "DELETE FROM toms_measure",
        "TRUNCATE toms_measure",
        "SET session_replication_role = replica; DELETE FROM toms_measure",
    ],
)
def test_a_published_set_refuses_every_change_in_sql(statement: str) -> None:
    published = registers.published_measures()
    assert refused(statement)
    published.refresh_from_db()
    assert published.content_sha256() == published.sha256


def test_rows_of_a_draft_cannot_move_into_a_published_set() -> None:
    published = registers.published_measures()
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    assert refused("UPDATE toms_measure SET measure_set_id = %s WHERE measure_set_id = %s", published.pk, draft.pk)
    assert refused("UPDATE toms_control SET measure_set_id = %s WHERE measure_set_id = %s", published.pk, draft.pk)


@pytest.mark.parametrize("row", ["measure", "control"])
def test_a_row_of_a_draft_cannot_hang_on_a_row_of_a_published_set(row: str) -> None:
    published = registers.published_measures()
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    rows = {
        "measure": (Measure.objects.filter(measure_set=draft), {"control": published.controls.get(code="A")}),
        "control": (Control.objects.filter(measure_set=draft), {"category": published.categories.get()}),
    }
    moved, parent = rows[row]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="of_same_set"):
        moved.update(**parent)


def test_the_number_of_queries_does_not_grow_with_the_register(django_assert_num_queries: Any) -> None:
    small = registers.draft_measures(registers.measures_content(registers.control()))
    large = registers.draft_measures(registers.measures_content(*[registers.control(f"C{number}") for number in range(30)]))
    for measure_set in (small, large):
        with django_assert_num_queries(3):
            measure_set.as_annex("de")
