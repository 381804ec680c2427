"""Who acts for a company, in which role."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from customers.models import ApiToken, Customer, Membership, Role, User
from customers.services.companies import subject_of
from customers.services.registration import work_for
from evidence.services import record


class LastOwner(Exception):
    """The company would be left without an account owner."""


class NotAMember(Exception):
    """The person does not act for the company."""


@transaction.atomic
def set_roles(*, customer: Customer, user: User, roles: Collection[str], by: User, at: datetime) -> None:
    """Give the person exactly these roles; raises LastOwner, NotAMember, and ValueError for no role at all."""
    if not roles:
        raise ValueError("Somebody without a role is removed, not changed.")
    held = _held_roles(_locked(customer), user)
    if Role.OWNER in held and Role.OWNER not in roles:
        _refuse_last_owner(customer, user)
    customer.memberships.filter(user=user).exclude(role__in=roles).delete()
    added = [Membership(customer=customer, user=user, role=role, created_at=at) for role in roles if role not in held]
    Membership.objects.bulk_create(added)
    facts = {"person": str(user.reference), "roles": sorted(roles), "by": str(by.reference)}
    record(kind="customers.roles_changed", facts=facts, subject=subject_of(customer), happened_at=at)


@transaction.atomic
def remove_person(*, customer: Customer, user: User, by: User, at: datetime) -> None:
    """End all roles of the person and revoke the tokens that she issued; raises LastOwner, NotAMember."""
    held = _held_roles(_locked(customer), user)
    if Role.OWNER in held:
        _refuse_last_owner(customer, user)
    customer.memberships.filter(user=user).delete()
    ApiToken.objects.filter(customer=customer, created_by=user, revoked_at=None).update(revoked_at=at)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.customer_id == customer.pk:
        work_for(user, user.companies().first())
    record(
        kind="customers.person_removed",
        facts={"person": str(user.reference), "by": str(by.reference)},
        subject=subject_of(customer),
        happened_at=at,
    )


@transaction.atomic
def switch_customer(*, user: User, customer: Customer) -> None:
    """Let the person act for another of her companies; raises NotAMember."""
    customer = _locked(customer)
    _held_roles(customer, user)
    work_for(user, customer)


def _locked(customer: Customer) -> Customer:
    """Lock the company's row, so that two owners cannot remove each other and an acceptance is not missed."""
    return Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)


def _held_roles(customer: Customer, user: User) -> frozenset[str]:
    held = user.roles_for(customer)
    if not held:
        raise NotAMember
    return held


def _refuse_last_owner(customer: Customer, user: User) -> None:
    if not customer.people_with(Role.OWNER).exclude(pk=user.pk).exists():
        raise LastOwner
