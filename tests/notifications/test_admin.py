"""Deliveries at the desk: read what happened, send a failed one again, change nothing else."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from customers.models import User
from jobs.models import Job
from notifications import services
from notifications.kinds import NAMES, name_of
from notifications.models import Delivery
from tests.factories import customers, registers
from tests.test_architecture import ROOT

pytestmark = pytest.mark.django_db
LIST = "admin:notifications_delivery_changelist"


@pytest.fixture
def failed() -> Delivery:
    delivery = services.tell(to="erika@example.com", kind="greeting", language="de", context={"name": "secret-context"}, key="greeting:1")
    Delivery.objects.filter(pk=delivery.pk).update(state="failed", last_error="smtp_550", attempts=1)
    Job.objects.update(state="dead", last_error="smtp_550", finished_at=registers.AT)
    return delivery


def desk(client: Client, *permissions: str) -> User:
    person = customers.staff()
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    customers.log_in(client, person, mfa=True)
    return person


def test_a_delivery_can_be_read_without_its_context_and_not_changed(client: Client, failed: Delivery) -> None:
    desk(client, "view_delivery", "change_delivery", "delete_delivery", "add_delivery")
    address = reverse("admin:notifications_delivery_change", args=[failed.pk])
    page = client.get(address).content.decode()
    assert "smtp_550" in page
    assert "secret-context" not in page
    client.post(address, {"recipient": "evil@example.com", "state": "sent"})
    failed.refresh_from_db()
    assert (failed.recipient, failed.state) == ("erika@example.com", "failed")
    assert client.post(reverse("admin:notifications_delivery_delete", args=[failed.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:notifications_delivery_add")).status_code == 403


def test_a_failed_delivery_is_sent_again_by_those_who_may(client: Client, failed: Delivery) -> None:
    desk(client, "view_delivery", "change_delivery")
    client.post(reverse(LIST), {"action": "send_again", "_selected_action": str(failed.pk)})
    failed.refresh_from_db()
    assert failed.state == "queued"
    assert Job.objects.get().state == "waiting"


def test_those_who_may_only_look_cannot_send_again(client: Client, failed: Delivery) -> None:
    desk(client, "view_delivery")
    client.post(reverse(LIST), {"action": "send_again", "_selected_action": str(failed.pk)})
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_a_mail_that_came_back_is_noted(client: Client, failed: Delivery) -> None:
    desk(client, "view_delivery", "change_delivery")
    Delivery.objects.update(state="sent", sent_at=registers.AT)
    client.post(reverse(LIST), {"action": "note_bounce", "_selected_action": str(failed.pk)})
    failed.refresh_from_db()
    assert failed.state == "bounced"


def test_the_list_takes_the_same_number_of_queries_at_any_length(client: Client, failed: Delivery) -> None:
    desk(client, "view_delivery")
    with CaptureQueriesContext(connection) as one:
        client.get(reverse(LIST))
    for number in range(2, 31):
        services.tell(to="max@example.com", kind="greeting", language="en", context={"name": "Max"}, key=f"greeting:{number}")
    with CaptureQueriesContext(connection) as thirty:
        client.get(reverse(LIST))
    assert len(one) == len(thirty)


def test_every_kind_of_mail_has_a_name_of_its_own_in_both_languages() -> None:
    sent = {path.name.removesuffix(".subject.txt") for path in (ROOT / "templates" / "emails").glob("*.subject.txt")}
    assert set(NAMES) == sent
    for language in ("de", "en"):
        with override(language):
            names = [name_of(kind) for kind in sent]
        assert len(set(names)) == len(sent)
        assert not [name for name in names if "_" in name]
    with override("de"):
        german = {kind: name_of(kind) for kind in sent}
    with override("en"):
        assert not [kind for kind in sent if name_of(kind) == german[kind]]


@override("en")
def test_staff_read_the_name_of_a_mail_and_find_it_by_that_name(client: Client, failed: Delivery) -> None:
    customers.provider()
    Delivery.objects.filter(pk=failed.pk).update(kind="case_letter")
    desk(client, "view_delivery")
    for address in (reverse(LIST), reverse("admin:notifications_delivery_change", args=[failed.pk]), reverse("manage_deliveries")):
        page = client.get(address, headers={"accept-language": "en"}).content.decode()
        assert "Letter about a request" in page
        assert ">case_letter<" not in page
    assert "erika@example.com" in client.get(f"{reverse(LIST)}?kind=case_letter").content.decode()
    assert "erika@example.com" not in client.get(f"{reverse(LIST)}?kind=approval_wanted").content.decode()
