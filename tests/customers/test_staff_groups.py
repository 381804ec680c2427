"""The groups of the provider's staff hold what their work needs, and nobody may delete."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from customers.models import User
from customers.services.staff import GROUPS
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


def held(group: str) -> set[str]:
    return {f"{p.content_type.app_label}.{p.codename}" for p in Group.objects.get(name=group).permissions.select_related("content_type")}


def test_the_command_makes_the_five_groups_and_may_run_again(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_staff_groups")
    first = {name: held(name) for name in GROUPS}
    Group.objects.get(name="support").permissions.add(Permission.objects.get(codename="delete_customer"))
    call_command("create_staff_groups")
    assert {name: held(name) for name in GROUPS} == first
    assert set(first) == {"editor", "approver", "support", "legal", "admin"}
    assert capsys.readouterr().out


def test_nobody_may_delete_and_who_writes_does_not_approve() -> None:
    call_command("create_staff_groups")
    for name in GROUPS:
        assert not [permission for permission in held(name) if ".delete_" in permission]
    assert not [permission for permission in held("approver") if ".add_" in permission or ".change_" in permission]
    assert not [permission for permission in held("editor") if ".approve_" in permission or ".publish_" in permission]
    assert "customers.view_customer" in held("support")
    assert "customers.change_user" not in held("support")
    assert "customers.change_user" in held("admin")


def test_an_admin_cannot_give_rights_to_himself(client: Client) -> None:
    people.provider()
    user = people.staff("admin")
    people.log_in(client, user, mfa=True)
    address = reverse("admin:customers_user_change", args=[user.pk])
    assert client.get(address).status_code == 200
    entered = {"full_name": "X", "function": "", "language": "de", "is_active": "on", "is_superuser": "on", "is_staff": "on"}
    client.post(address, {**entered, "agreement_valid_until_0": "9999-12-31", "agreement_valid_until_1": "00:00"})
    user = User.objects.get(pk=user.pk)
    assert user.full_name == "X"
    assert not user.is_superuser
    assert user.agreement_valid_until.year == 1970


@pytest.mark.parametrize("model", ["provider", "customer", "user", "membership", "invitation", "apitoken"])
def test_the_admin_lists_rows_shows_no_secret_and_deletes_nothing(model: str, client: Client) -> None:
    people.provider()
    company = people.customer()
    people.owner(company)
    admin = people.person(is_staff=True, is_superuser=True)
    people.log_in(client, admin, mfa=True)
    assert client.get(reverse(f"admin:customers_{model}_changelist")).status_code == 200
    page = client.get(reverse(f"admin:customers_{model}_add"))
    assert page.status_code == 403
    assert client.post(reverse(f"admin:customers_{model}_delete", args=[1])).status_code in (302, 403)


def test_the_admin_shows_no_password_hash(client: Client) -> None:
    people.provider()
    owner = people.owner(people.customer())
    admin = people.person(is_staff=True, is_superuser=True)
    people.log_in(client, admin, mfa=True)
    page = client.get(reverse("admin:customers_user_change", args=[owner.pk])).content.decode()
    assert owner.password not in page
    assert "md5$" not in page
