"""The desk of the templates: a draft is edited, remarked on, planned, approved by somebody else, and published on its day."""

from __future__ import annotations

import datetime
import html

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import User
from privacy_text import publication, services, tasks
from privacy_text.models import LengthLimit, Operator, PassageSection, SampleText
from publishing.models import State
from tests.factories import customers as people
from tests.factories import registers
from tests.privacy_text.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sample() -> SampleText:
    people.provider()
    registers.sample_subprocessors()
    return services.load_sample(by=registers.editor(), approved_by=registers.editor(), at=NOW)


@pytest.fixture
def editor() -> User:
    return people.staff("editor")


@pytest.fixture
def approver() -> User:
    return people.staff("approver")


def client_of(person: User) -> Client:
    client = Client()
    people.log_in(client, person, mfa=True)
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return html.unescape(answer.content.decode()).replace("\u00a0", " ")


def new_draft(client: Client) -> SampleText:
    assert client.post(reverse("manage_templates_draft")).status_code == 302
    return SampleText.objects.get(state=State.DRAFT)


def change(client: Client, row: PassageSection, **fields: str) -> int:
    values = {name: getattr(row, name) for name in ("heading_de", "text_de", "heading_en", "text_en")} | fields
    return client.post(reverse("manage_templates_row", args=["section", row.pk]), values).status_code


def test_a_draft_goes_through_the_wizard_and_a_second_person_to_publication(editor: User, approver: User) -> None:
    writes, approves = client_of(editor), client_of(approver)
    draft = new_draft(writes)
    row = draft.sections.get(channel_type__key="telegram", key="rights")
    assert change(writes, row, text_de=f"{row.text_de} Schreiben Sie uns.", text_en=f"{row.text_en} Write to us.") == 302
    assert "Write to us." in page(writes, reverse("manage_templates_publish", args=[draft.pk]) + "?language=en")
    plan = {"change_kind": "material", "effective_date": timezone.localdate().isoformat(), "change_note_de": "Neu", "change_note_en": "New"}
    assert writes.post(reverse("manage_templates_plan", args=[draft.pk]), plan).status_code == 302
    approves.post(reverse("manage_templates_approve", args=[draft.pk]))
    assert SampleText.objects.get(pk=draft.pk).state == State.APPROVED
    tasks.publish(str(draft.pk))
    published = SampleText.objects.current()
    assert published == draft
    assert published.number == "2"
    assert "Write to us." in page(Client(), "/en/texts/telegram/")


def test_whoever_wrote_a_part_does_not_approve(approver: User) -> None:
    both = people.staff("editor")
    both.groups.add(*people.staff("approver").groups.all())
    client = client_of(both)
    draft = services.start_draft(by=people.staff("editor"), at=NOW)
    row = draft.sections.get(channel_type__key="telegram", key="rights")
    assert change(client, row, text_de="Neu.", text_en="New.") == 302
    assert SampleText.objects.get(pk=draft.pk).is_authored_by(both)
    client.post(reverse("manage_templates_approve", args=[draft.pk]))
    assert SampleText.objects.get(pk=draft.pk).state == State.DRAFT


def test_an_approver_may_look_and_not_write_and_others_may_do_neither(approver: User, sample: SampleText) -> None:
    draft = services.start_draft(by=people.staff("editor"), at=NOW)
    row = draft.sections.first()
    assert row is not None
    client = client_of(approver)
    assert "Sample texts" in page(client, reverse("manage_templates"))
    assert client.get(reverse("manage_templates_row", args=["section", row.pk])).status_code == 403
    assert client.post(reverse("manage_templates_draft")).status_code == 403
    stranger = Client()
    stranger.force_login(people.person(people.customer(), "owner"))
    assert stranger.get(reverse("manage_templates")).status_code == 403


def test_remarks_are_shown_and_what_blocks_keeps_the_draft_from_approval(editor: User, approver: User) -> None:
    client = client_of(editor)
    draft = new_draft(client)
    row = draft.sections.get(channel_type__key="web_push", key="rights")
    change(client, row, text_en=f"{row.text_en} The main topic of the app. Some Network Inc.")
    text = page(client, reverse("manage_templates_version", args=[draft.pk]))
    assert "The text for websites speaks of an app." in text
    assert "blocks the approval" in text
    assert "The main topic of the app." in SampleText.objects.get(pk=draft.pk).sections.get(pk=row.pk).text_en
    plan = {"change_kind": "material", "effective_date": timezone.localdate().isoformat(), "change_note_de": "Neu", "change_note_en": "New"}
    client.post(reverse("manage_templates_plan", args=[draft.pk]), plan)
    client_of(approver).post(reverse("manage_templates_approve", args=[draft.pk]))
    assert SampleText.objects.get(pk=draft.pk).state == State.DRAFT


def test_a_published_text_is_not_edited(editor: User, sample: SampleText) -> None:
    row = sample.sections.first()
    assert row is not None
    assert client_of(editor).get(reverse("manage_templates_row", args=["section", row.pk])).status_code == 404


def test_a_planned_version_waits_for_its_day(sample: SampleText) -> None:
    author, second = registers.editor(), registers.editor()
    draft = services.start_draft(by=author, at=NOW)
    tomorrow = NOW.date() + datetime.timedelta(days=1)
    services.plan(version=draft, change_kind="editorial", effective_date=tomorrow, notes={"de": "Neu", "en": "New"}, by=author, at=NOW)
    approved = services.approve(version=draft, by=second, at=NOW)
    assert publication.put_into_force_if_due(NOW) is None
    published = publication.put_into_force_if_due(NOW + datetime.timedelta(days=1))
    assert published == approved
    assert published is not None
    assert (published.effective_date, published.published_by) == (tomorrow, second)


def test_an_old_version_comes_back_as_a_draft(editor: User, sample: SampleText) -> None:
    client_of(editor).post(reverse("manage_templates_restore", args=[sample.pk]))
    draft = SampleText.objects.get(state=State.DRAFT)
    assert draft.content() == sample.content()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE privacy_text_passagesection SET text_de = 'x'",
        "DELETE FROM privacy_text_passagesection",
        "INSERT INTO privacy_text_passagesection SELECT * FROM privacy_text_passagesection LIMIT 1",
        "TRUNCATE privacy_text_passagesection",
    ],
)
def test_the_database_keeps_the_sections_of_a_published_version(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="is refused"), transaction.atomic():
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"when_statistics": "perhaps"}, "privacy_text_section_condition_known"),
        ({"recipients": "friends", "item_de": "x"}, "privacy_text_section_recipients_known"),
        ({"item_de": "{{ recipient_name }}", "recipients": ""}, "privacy_text_section_item_with_recipients"),
    ],
)
def test_the_database_refuses_a_section_that_no_choice_could_show(changes: dict[str, str], constraint: str) -> None:
    draft = services.start_draft(by=registers.editor(), at=NOW)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        draft.sections.filter(key="rights").update(**changes)


def test_the_database_refuses_two_sections_for_the_same_choices() -> None:
    draft = services.start_draft(by=registers.editor(), at=NOW)
    row = draft.sections.filter(key="rights").first()
    assert row is not None
    row.pk = None
    with pytest.raises(IntegrityError, match="privacy_text_section_once"), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"valid_to": None}, "privacy_text_operator_one_name_today"),
        ({"valid_to": datetime.date(2018, 1, 1)}, "privacy_text_operator_ends_later"),
        ({"seat_country": "Irland"[:2]}, "privacy_text_operator_seat_is_a_country"),
        ({"role": "friend"}, "privacy_text_operator_role_known"),
    ],
)
def test_the_database_keeps_the_table_of_operators_in_order(changes: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Operator.objects.filter(legal_name="Facebook Ireland Limited").update(**changes)


def test_an_operator_is_named_as_it_was_called_on_the_day() -> None:
    names = {
        day: set(Operator.objects.in_force(day).filter(key="meta").values_list("legal_name", flat=True))
        for day in (datetime.date(2022, 1, 4), datetime.date(2022, 1, 5), NOW.date())
    }
    assert list(names.values()) == [{"Facebook Ireland Limited"}, {"Meta Platforms Ireland Limited"}, {"Meta Platforms Ireland Limited"}]


def test_a_limit_is_a_length() -> None:
    with pytest.raises(IntegrityError, match="privacy_text_limit_is_a_length"), transaction.atomic():
        LengthLimit.objects.update(characters=0)


def test_the_desk_costs_the_same_number_of_queries_for_many_versions(editor: User) -> None:
    client, counts = client_of(editor), []
    for drafts in (1, 30):
        while SampleText.objects.filter(state=State.DRAFT).count() < drafts:
            SampleText.objects.create(created_by=editor, created_at=NOW)
        client.get(reverse("manage_templates_versions"))
        with CaptureQueriesContext(connection) as queries:
            page(client, reverse("manage_templates_versions"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
