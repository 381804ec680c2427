"""Evidence files and reviews: taken only as what they are, kept inside, reminded of once."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from customers.models import User
from evidence.models import Event
from notifications.models import Delivery
from tests.factories import customers, registers
from toms import files, reviewing, services, tasks
from toms.models import EvidenceFile, MeasureSet, Review

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 report"
PAGE = "/en/manage/toms/upkeep/A-01/"


@pytest.fixture
def editor() -> User:
    return customers.staff("editor")


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    customers.log_in(client, editor, mfa=True)
    return client


def office(part: str, *others: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in (part, *others):
            archive.writestr(name, "x")
    return file.getvalue()


def file(desk: Client, name: str = "report.pdf", content: bytes = PDF) -> Any:
    return desk.post(PAGE, {"step": "evidence", "file": SimpleUploadedFile(name, content, content_type="text/html"), "note": "Audit 2026"})


def test_a_file_is_kept_under_a_random_name_and_given_away_only_to_keep(desk: Client) -> None:
    registers.published_measures()
    assert file(desk, "Prüf bericht.pdf").status_code == 302
    kept = EvidenceFile.objects.get()
    assert kept.stored_as == f"measures/{kept.pk.hex}"
    answer = desk.get(f"/en/manage/toms/evidence/{kept.pk}/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


GOOD = [
    ("a.pdf", PDF),
    ("a.PNG", b"\x89PNG\r\n\x1a\n..."),
    ("a.jpeg", b"\xff\xd8\xff\xe0"),
    ("a.txt", "Prüfung".encode()),
    ("a.csv", b"a,b"),
    ("a.docx", office("word/document.xml")),
    ("a.xlsx", office("xl/workbook.xml")),
]
BAD = [
    ("a.html", b"<script>"),
    ("a.svg", b"<svg onload=x>"),
    ("a.exe", b"MZ"),
    ("a", PDF),
    ("a.pdf.exe", PDF),
    ("a.pdf", b"<html>"),
    ("a.png", PDF),
    ("a.txt", b"\x00\x01"),
    ("a.txt", b"\xff\xfe"),
    ("a.pdf", b""),
    ("a.docx", b"PK\x03\x04 broken"),
    ("a.docx", office("xl/workbook.xml")),
    ("a.docx", office("word/document.xml", "word/vbaProject.bin")),
    ("a.pdf", PDF + b"x" * files.LARGEST),
]


@pytest.mark.parametrize(("name", "content"), GOOD)
def test_a_file_that_is_what_its_name_says_is_taken(name: str, content: bytes) -> None:
    assert files.type_of(name, content)


@pytest.mark.parametrize(("name", "content"), BAD)
def test_any_other_file_is_refused_and_nothing_is_kept(desk: Client, name: str, content: bytes) -> None:
    registers.published_measures()
    assert file(desk, name, content).status_code == 422
    assert not EvidenceFile.objects.exists()


def test_a_file_that_was_altered_on_the_disk_is_not_given_away(desk: Client) -> None:
    registers.published_measures()
    file(desk)
    kept = EvidenceFile.objects.get()
    with default_storage.open(kept.stored_as, "wb") as stored:
        stored.write(b"%PDF-1.7 forged")
    with pytest.raises(files.FileAltered):
        desk.get(f"/en/manage/toms/evidence/{kept.pk}/")


def test_a_removed_file_is_gone_and_the_ledger_keeps_its_hash(desk: Client, django_capture_on_commit_callbacks: Any) -> None:
    registers.published_measures()
    file(desk)
    kept = EvidenceFile.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"/en/manage/toms/evidence/{kept.pk}/remove/")
    assert not default_storage.exists(kept.stored_as)
    assert any(kept.sha256.encode() in bytes(event.canonical) for event in Event.objects.all())


@pytest.mark.parametrize("who", ["visitor", "customer", "support"])
def test_nobody_but_those_who_see_drafts_reaches_a_file(desk: Client, who: str) -> None:
    registers.published_measures()
    file(desk)
    client, kept = Client(), EvidenceFile.objects.get()
    if who == "customer":
        customers.log_in(client, customers.owner(customers.customer()))
    elif who == "support":
        customers.log_in(client, customers.staff("support"), mfa=True)
    assert client.get(f"/en/manage/toms/evidence/{kept.pk}/").status_code in (302, 403)


def test_evidence_stays_with_its_measure_through_versions_and_reaches_no_reader(desk: Client) -> None:
    registers.published_measures()
    file(desk, "Rack plan.pdf")
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    draft.measures.filter(key="A-01").update(text_de="Neu", text_en="New")
    registers.publish_measures(draft)
    assert "Rack plan.pdf" in desk.get(PAGE).content.decode()
    for address in ("/en/tom/", "/en/tom/measures.json", "/en/tom/measures.csv"):
        assert b"Rack plan" not in Client().get(address).content


# --- reviews ----------------------------------------------------------------------------------------------------------


def reviewed_register(day: date) -> MeasureSet:
    draft = registers.draft_measures()
    draft.measures.filter(key="A-01").update(next_review_date=day, owner="Operations")
    return registers.publish_measures(draft)


def at(day: date) -> Any:
    return timezone.make_aware(timezone.datetime(day.year, day.month, day.day, 9))


DUE = date(2027, 3, 1)


def test_a_due_review_is_reminded_of_once_for_each_day_and_person(editor: User) -> None:
    customers.provider()
    reviewed_register(DUE)
    reviewing.remind(at(DUE - timedelta(days=1)))
    assert not Delivery.objects.filter(kind="measure_review").exists()
    for hour in range(3):
        reviewing.remind(at(DUE) + timedelta(hours=hour))
    reviewing.remind(at(DUE + timedelta(days=3)))
    (mail,) = Delivery.objects.filter(kind="measure_review")
    assert mail.recipient == editor.email
    assert mail.context["owner"] == "Operations"


def test_a_recorded_review_moves_the_day_without_a_new_version(desk: Client, editor: User) -> None:
    reviewed_register(DUE)
    assert [due.measure.key for due in reviewing.due_until(DUE)] == ["A-01"]
    later = timezone.localdate() + timedelta(days=700)
    assert desk.post(PAGE, {"step": "review", "next_review_date": later.isoformat(), "note": "In place"}).status_code == 302
    assert reviewing.due_until(DUE) == []
    assert [due.day for due in reviewing.due_until(later)] == [later]
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        Review.objects.all().delete()


def test_the_next_review_lies_ahead(desk: Client) -> None:
    registers.published_measures()
    answer = desk.post(PAGE, {"step": "review", "next_review_date": timezone.localdate().isoformat()})
    assert answer.status_code == 422


def test_the_desk_lists_what_is_due_and_says_what_is_overdue(desk: Client) -> None:
    reviewed_register(timezone.localdate() - timedelta(days=1))
    page = desk.get("/en/manage/toms/reviews/").content.decode()
    assert "overdue since" in page
    assert PAGE in page
    assert "/en/manage/toms/reviews/" in desk.get("/en/manage/").content.decode()


def test_only_measures_in_force_are_reviewed() -> None:
    registers.draft_measures().measures.update(next_review_date=DUE)
    assert reviewing.due_until(DUE) == []


def test_the_clock_publishes_and_reminds(editor: User) -> None:
    customers.provider()
    reviewed_register(timezone.localdate())
    tasks.keep_time()
    assert Delivery.objects.filter(kind="measure_review").count() == 1


def test_an_unknown_measure_has_no_page(desk: Client) -> None:
    assert desk.get("/en/manage/toms/upkeep/nothing/").status_code == 404
