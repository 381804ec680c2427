"""Editing a draft at the desk: rows come, change, move and go; a file brings many; nothing reaches what is published."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from customers.models import User
from tests.factories import customers, registers
from toms import exchange, services
from toms.models import Category, Control, Measure, MeasureSet

pytestmark = pytest.mark.django_db
ROWS = "/en/manage/toms/rows"


@pytest.fixture
def editor() -> User:
    return customers.staff("editor")


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    customers.log_in(client, editor, mfa=True)
    return client


@pytest.fixture
def draft(editor: User) -> MeasureSet:
    registers.published_measures()
    return services.start_draft(by=editor, at=registers.AT)


def measure_fields(draft: MeasureSet, **fields: Any) -> dict[str, Any]:
    usual = {"key": "A-02", "text_de": "Schlösser", "text_en": "Locks", "implemented_by": "provider", "subprocessor_names": ""}
    usual |= {"status": "implemented", "control": draft.controls.get(code="A").pk, "scc_heading": "physical", "internal_detail": "Rack 7"}
    return {**usual, "owner": "Operations", "next_review_date": "2027-05-01", "is_verified": "on", **fields}


def test_a_measure_with_all_its_fields_is_added_at_the_end(desk: Client, draft: MeasureSet) -> None:
    control = draft.controls.get(code="A")
    assert 'value="A-02"' in desk.get(f"{ROWS}/measure/new/{control.pk}/").content.decode()
    assert desk.post(f"{ROWS}/measure/new/{control.pk}/", measure_fields(draft)).status_code == 302
    measure = draft.measures.get(key="A-02")
    assert (measure.text_de, measure.scc_heading, measure.owner) == ("Schlösser", "physical", "Operations")
    assert measure.last_verified_at is not None
    assert list(control.measures.values_list("key", flat=True)) == ["A-01", "A-02"]


def test_named_subprocessors_are_kept_one_a_line_and_printed(desk: Client, draft: MeasureSet) -> None:
    given = measure_fields(draft, implemented_by="subprocessors", subprocessor_names="Cloudflare, Inc.\r\nHetzner Online GmbH")
    desk.post(f"{ROWS}/measure/new/{draft.controls.get(code='A').pk}/", given)
    assert draft.measures.get(key="A-02").subprocessor_names == ["Cloudflare, Inc.", "Hetzner Online GmbH"]
    assert draft.as_annex("en")[0]["controls"][0]["subprocessor_measures"] == ["Locks (Cloudflare, Inc.; Hetzner Online GmbH)"]


def test_subprocessors_of_a_measure_of_ours_are_refused_with_a_sentence(desk: Client, draft: MeasureSet) -> None:
    answer = desk.post(f"{ROWS}/measure/new/{draft.controls.get(code='A').pk}/", measure_fields(draft, subprocessor_names="Hetzner"))
    assert answer.status_code == 422
    assert "Name subprocessors only for measures that they implement." in answer.content.decode()


def test_a_second_control_of_one_english_name_is_refused_on_its_page(desk: Client, draft: MeasureSet) -> None:
    category = draft.categories.get()
    given = {"code": "NEW", "label_de": "Neu", "label_en": "control a", "aim_de": "Ziel", "aim_en": "Aim", "category": category.pk}
    answer = desk.post(f"{ROWS}/control/new/{category.pk}/", given)
    assert answer.status_code == 422
    assert not draft.controls.filter(code="NEW").exists()
    assert desk.post(f"{ROWS}/control/new/{category.pk}/", {**given, "label_en": "New"}).status_code == 302
    assert draft.controls.get(code="NEW").sort > draft.controls.get(code="D").sort


def test_a_category_is_added_and_changed(desk: Client, draft: MeasureSet) -> None:
    desk.post(f"{ROWS}/category/new/{draft.pk}/", {"label_de": "Neu", "label_en": "New", "key": "new"})
    made = draft.categories.get(key="new")
    desk.post(f"{ROWS}/category/{made.pk}/", {"label_de": "Neuer", "label_en": "Newer", "key": "new"})
    assert draft.categories.get(key="new").label_de == "Neuer"


def test_controls_move_by_buttons_and_stop_at_the_ends(desk: Client, draft: MeasureSet) -> None:
    control = draft.controls.get(code="B")
    for to, expected in (("up", "BACD"), ("up", "BACD"), ("down", "ABCD"), ("down", "ACBD")):
        desk.post(f"{ROWS}/control/{control.pk}/move/", {"to": to})
        assert "".join(draft.controls.values_list("code", flat=True)) == expected


def test_a_measure_is_removed_after_a_question(desk: Client, draft: MeasureSet) -> None:
    measure = draft.measures.get(key="A-01")
    assert desk.get(f"{ROWS}/measure/{measure.pk}/remove/").status_code == 200
    assert draft.measures.filter(key="A-01").exists()
    desk.post(f"{ROWS}/measure/{measure.pk}/remove/")
    assert not draft.measures.filter(key="A-01").exists()


def test_a_control_that_still_holds_measures_stays(desk: Client, draft: MeasureSet) -> None:
    control = draft.controls.get(code="A")
    answer = desk.post(f"{ROWS}/control/{control.pk}/remove/", follow=True)
    assert "Remove or move what is in it first." in answer.content.decode()
    assert draft.controls.filter(code="A").exists()


@pytest.mark.parametrize("kind", ["category", "control", "measure"])
@pytest.mark.parametrize("act", ["", "move/", "remove/"])
def test_rows_of_a_published_set_refuse_every_act(desk: Client, draft: MeasureSet, kind: str, act: str) -> None:
    current = MeasureSet.objects.current()
    assert current is not None
    row: Any = {"category": Category, "control": Control, "measure": Measure}[kind].objects.filter(measure_set=current).first()
    answer = desk.post(f"{ROWS}/{kind}/{row.pk}/{act}", {"to": "down", "text_de": "Anders"}, follow=True)
    assert "is approved or published" in answer.content.decode()
    current.refresh_from_db()
    assert current.content_sha256() == current.sha256


def test_whoever_edited_a_draft_may_not_approve_it(draft: MeasureSet, editor: User) -> None:
    second = registers.editor()
    services.save_row(row=draft.measures.get(key="A-01"), by=second)
    draft.refresh_from_db()
    with pytest.raises(registers.publishing.services.AuthorMayNotApprove):
        registers.approve_measures(draft, by=second)


@pytest.mark.parametrize("group", ["approver", "support", "legal"])
def test_other_staff_may_not_edit(client: Client, draft: MeasureSet, group: str) -> None:
    customers.log_in(client, customers.staff(group), mfa=True)
    measure = draft.measures.get(key="A-01")
    assert client.post(f"{ROWS}/measure/{measure.pk}/", measure_fields(draft)).status_code == 403
    assert client.post(f"{ROWS}/measure/{measure.pk}/move/", {"to": "up"}).status_code == 403


@pytest.mark.parametrize("count", [1, 30])
def test_the_desk_takes_the_same_number_of_queries_at_any_length(
    desk: Client, editor: User, count: int, django_assert_num_queries: Any
) -> None:
    registers.published_measures()
    controls = [registers.control(f"C{number}") for number in range(count)]
    draft = registers.draft_measures(registers.measures_content(*controls), by=editor)
    desk.get(f"/en/manage/toms/{draft.pk}/")
    with django_assert_num_queries(DESK_QUERIES):
        desk.get(f"/en/manage/toms/{draft.pk}/")


DESK_QUERIES = 18


# --- files ------------------------------------------------------------------------------------------------------------


def upload(desk: Client, draft: MeasureSet, content: bytes) -> Any:
    return desk.post(f"/en/manage/toms/{draft.pk}/import/", {"file": SimpleUploadedFile("measures.csv", content)})


def table(*rows: dict[str, str]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, exchange.COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def test_a_file_that_was_exported_comes_back_unchanged(desk: Client, draft: MeasureSet) -> None:
    draft.measures.filter(key="A-01").update(text_de="=1+1; -2", text_en="@home", internal_detail="Zeile 1\nZeile 2", owner="- Betrieb")
    before = list(draft.measures.order_by("pk").values())
    content = desk.get(f"/en/manage/toms/{draft.pk}/measures.csv").content
    assert b"'=1+1; '-2" in content
    assert upload(desk, draft, content).status_code == 302
    assert list(draft.measures.order_by("pk").values()) == before


def test_an_exported_file_fills_an_empty_draft(desk: Client, draft: MeasureSet, editor: User) -> None:
    content = desk.get(f"/en/manage/toms/{draft.pk}/measures.csv").content
    empty = MeasureSet.objects.create(created_by=editor, created_at=registers.AT)
    assert upload(desk, empty, content).status_code == 302
    assert [category["controls"] for category in empty.as_annex("de")] == [category["controls"] for category in draft.as_annex("de")]


def test_each_wrong_line_is_named_and_nothing_is_taken(desk: Client, draft: MeasureSet) -> None:
    good = {"code": "A", "key": "A-09", "text_de": "Gut", "text_en": "Good", "status": "implemented"}
    wrong = [{**good, "key": "A-10", "text_en": ""}, {**good, "key": "A-11", "status": "perhaps"}, {**good, "key": "A-09"}]
    answer = upload(desk, draft, table(good, *wrong))
    page = answer.content.decode()
    assert answer.status_code == 422
    for line in ("Line 3: text_en is empty.", "Line 4: status is one of: planned, implemented, retired.", "Line 5: The key A-09 stands"):
        assert line in page
    assert not draft.measures.filter(key="A-09").exists()


def test_what_the_register_refuses_names_its_line_and_nothing_is_taken(desk: Client, draft: MeasureSet) -> None:
    good = {"code": "A", "key": "A-09", "text_de": "Gut", "text_en": "Good"}
    bad = {"code": "NEW", "key": "NEW-1", "text_de": "x", "text_en": "x", "control_de": "Neu", "control_en": "Control A", "aim_de": "x"}
    answer = upload(
        desk, draft, table(good, {**bad, "aim_en": "x", "category_en": "All"}, {**good, "key": "A-10", "next_review_date": "soon"})
    )
    page = answer.content.decode()
    assert "Line 3: " in page
    assert "Line 4: " in page
    assert not draft.measures.filter(key="A-09").exists()
    assert not draft.controls.filter(code="NEW").exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\r\n1,2\r\n", b"code,key,text_de,text_en\r\n"])
def test_what_is_no_such_file_is_refused_with_a_sentence(desk: Client, draft: MeasureSet, content: bytes) -> None:
    assert upload(desk, draft, content).status_code == 422


def test_a_file_with_semicolons_is_read_as_well(desk: Client, draft: MeasureSet) -> None:
    content = "\ufeffcode;key;text_de;text_en\r\nA;A-09;Gut, sehr;Good, very\r\n".encode()
    assert upload(desk, draft, content).status_code == 302
    assert draft.measures.get(key="A-09").text_de == "Gut, sehr"


def test_the_page_of_the_draft_counts_its_changes(desk: Client, draft: MeasureSet) -> None:
    draft.measures.filter(key="A-01").update(text_de="Anders", text_en="Different")
    draft.measures.filter(key="B-01").update(status="retired")
    page = desk.get("/en/manage/toms/").content.decode()
    assert "0 entries added · 1 changed · 2 removed · 0 moved" in page
