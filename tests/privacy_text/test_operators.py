"""The table of operators in the admin: unverified rows say so, a check is noted, and a correction waits for the next check."""

from __future__ import annotations

import html

import pytest
from django.contrib.admin.models import LogEntry
from django.forms import model_to_dict
from django.test import Client
from django.urls import reverse

from privacy_text import services
from privacy_text.models import Operator
from tests.factories import customers as people
from tests.factories import registers
from tests.privacy_text.conftest import NOW

pytestmark = pytest.mark.django_db
LIST = reverse("admin:privacy_text_operator_changelist")


@pytest.fixture
def editor(client: Client) -> Client:
    people.provider()
    people.log_in(client, people.staff("editor"), mfa=True)
    return client


def page(client: Client, address: str, language: str = "de") -> str:
    return html.unescape(client.get(address, headers={"accept-language": language}).content.decode())


def verify(client: Client, *rows: Operator) -> None:
    client.post(LIST, {"action": "verify", "_selected_action": [row.pk for row in rows]})


@pytest.mark.parametrize(("language", "words"), [("de", "zuletzt geprüft: nie"), ("en", "last verified: never")])
def test_the_admin_marks_what_nobody_verified(editor: Client, language: str, words: str) -> None:
    row = Operator.objects.first()
    assert row is not None
    assert page(editor, LIST, language).count(words) >= Operator.objects.count()
    assert words in page(editor, reverse("admin:privacy_text_operator_change", args=[row.pk]), language)


def test_the_desk_remarks_on_them_beside_the_way_to_the_table(editor: Client) -> None:
    registers.sample_subprocessors()
    services.load_sample(by=registers.editor(), approved_by=registers.editor(), at=NOW)
    desk = page(editor, reverse("manage_templates") + "?language=de")
    assert "Meta Platforms Ireland Limited" in desk
    assert LIST in desk
    assert "Facebook Ireland Limited" not in desk


def test_a_check_is_noted_with_who_and_when_and_a_correction_asks_for_the_next(editor: Client) -> None:
    meta, telegram = Operator.objects.get(legal_name="Meta Platforms Ireland Limited"), Operator.objects.get(key="telegram")
    verify(editor, meta)
    meta.refresh_from_db()
    assert meta.is_verified
    assert LogEntry.objects.get(object_id=str(meta.pk)).user.groups.filter(name="editor").exists()
    telegram.refresh_from_db()
    assert not telegram.is_verified
    fields = {name: value for name, value in model_to_dict(meta).items() if value is not None and name != "last_verified_at"}
    fields["channel_types"] = [row.pk for row in meta.channel_types.all()]
    change = reverse("admin:privacy_text_operator_change", args=[meta.pk])
    assert editor.post(change, fields).status_code == 302
    meta.refresh_from_db()
    assert meta.is_verified, "nothing was changed"
    assert editor.post(change, {**fields, "address": "Another Road 1, Dublin"}).status_code == 302
    meta.refresh_from_db()
    assert (meta.address, meta.is_verified) == ("Another Road 1, Dublin", False)


def test_who_only_reads_verifies_nothing(client: Client) -> None:
    people.provider()
    people.log_in(client, people.staff("legal"), mfa=True)
    verify(client, *Operator.objects.all())
    assert not Operator.objects.exclude(last_verified_at=None).exists()
