"""Deliveries at the desk: read what happened, send a failed one again, change nothing else."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import User
from jobs.models import Job
from notifications import services
from notifications.models import Delivery
from tests.factories import customers, registers

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
