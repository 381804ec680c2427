"""Customers consent and object; the provider answers; an objection ends with an outcome."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

import evidence.services
from customers.models import Customer, Provider, Role, User
from notifications.links import absolute
from notifications.services import tell
from publishing.periods import days_after
from publishing.references import new_reference
from subprocessors.models import Announcement, Notice, Objection

MAY_DECIDE = (Role.OWNER, Role.SIGNATORY, Role.PRIVACY_CONTACT)
SOLVED_WITHIN = 28  # days; four weeks, after which the agreement lets the customer terminate
OUTCOMES = (Objection.State.REMEDIED, Objection.State.UPHELD, Objection.State.TERMINATED)


class ObjectionTooLate(Exception):
    """The objection period is over, or nothing in the notice can be objected to."""


class MayNotObject(Exception):
    """Owners, signatories and privacy contacts object and consent for a company."""


class AlreadyObjected(Exception):
    """An objection is open already."""


class NotOpen(Exception):
    """The objection is closed."""


class WordsMissing(Exception):
    """An answer and an outcome are given in words."""


@transaction.atomic
def object_to(*, notice: Notice, grounds: str, by: User, at: datetime.datetime) -> Objection:
    """Object within the period, whose last day counts whole. Raises MayNotObject, ObjectionTooLate, AlreadyObjected."""
    notice = locked_for(notice, by)
    if not notice.can_object(at):
        raise ObjectionTooLate
    if notice.objections.filter(state__in=Objection.OPEN).exists():
        raise AlreadyObjected
    objection = Objection.objects.create(
        reference=new_reference("WS", at.year),
        notice=notice,
        grounds=grounds.strip(),
        raised_by=by,
        raised_at=at,
        solve_by_date=days_after(timezone.localdate(at), SOLVED_WITHIN),
    )
    notice.consented_at, notice.consented_by = None, None
    notice.save(update_fields=["consented_at", "consented_by"])
    record("subprocessors.objected", objection, at, by)
    tell_people(objection, "objection_received", at)
    tell_provider(objection)
    return objection


@transaction.atomic
def consent(*, notice: Notice, by: User, at: datetime.datetime) -> Notice:
    """Authorise the change expressly; under a specific authorisation nothing else does. Raises MayNotObject, AlreadyObjected."""
    notice = locked_for(notice, by)
    if notice.objections.filter(state__in=Objection.OPEN).exists():
        raise AlreadyObjected
    if notice.consented_at is None:
        notice.consented_at, notice.consented_by = at, by
        notice.save(update_fields=["consented_at", "consented_by"])
        facts = {"customer": str(notice.customer.reference), "by": str(by.reference)}
        evidence.services.record(
            kind="subprocessors.consented", facts=facts, subject=f"announcement:{notice.announcement.reference}", happened_at=at
        )
    return notice


@transaction.atomic
def withdraw_objection(*, objection: Objection, by: User, at: datetime.datetime) -> Objection:
    """Let the customer take the objection back. Raises MayNotObject, NotOpen."""
    locked_for(objection.notice, by)
    return close(locked(objection), Objection.State.WITHDRAWN, "", by, at)


@transaction.atomic
def answer(*, objection: Objection, text: str, by: User, at: datetime.datetime) -> Objection:
    """Propose a remedy; the customer is told. Raises NotOpen, WordsMissing."""
    objection = locked(objection)
    if not objection.is_open:
        raise NotOpen
    if not text.strip():
        raise WordsMissing
    objection.state, objection.answer = Objection.State.ANSWERED, text.strip()
    objection.answered_by, objection.answered_at = by, at
    objection.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    record("subprocessors.objection_answered", objection, at, by)
    tell_people(objection, "objection_answered", at)
    return objection


@transaction.atomic
def decide(*, objection: Objection, state: str, outcome: str, by: User, at: datetime.datetime) -> Objection:
    """Close the objection with one of OUTCOMES and say in words how; the customer is told. Raises NotOpen, WordsMissing."""
    if state not in OUTCOMES:
        raise ValueError(state)
    if not outcome.strip():
        raise WordsMissing
    objection = close(locked(objection), state, outcome.strip(), by, at)
    tell_people(objection, "objection_closed", at)
    return objection


def close(objection: Objection, state: str, outcome: str, by: User, at: datetime.datetime) -> Objection:
    if not objection.is_open:
        raise NotOpen
    objection.state, objection.outcome, objection.closed_by, objection.closed_at = state, outcome, by, at
    objection.save(update_fields=["state", "outcome", "closed_by", "closed_at"])
    record("subprocessors.objection_closed", objection, at, by)
    return objection


@transaction.atomic
def note_seen(*, notice: Notice, at: datetime.datetime) -> None:
    """Write once that somebody of the company opened the notice in the portal."""
    Notice.objects.filter(pk=notice.pk, seen_at=None).update(seen_at=at)


def locked_for(notice: Notice, by: User) -> Notice:
    notice = Notice.objects.select_for_update(of=("self",)).select_related("announcement", "customer").get(pk=notice.pk)
    if not by.has_role(notice.customer, *MAY_DECIDE):
        raise MayNotObject
    if notice.announcement.state == Announcement.State.WITHDRAWN:
        raise ObjectionTooLate
    return notice


def locked(objection: Objection) -> Objection:
    rows = Objection.objects.select_related("notice__announcement", "notice__customer")
    return rows.select_for_update(of=("self",)).get(pk=objection.pk)


def record(kind: str, objection: Objection, at: datetime.datetime, by: User) -> None:
    """Record the step without the words: they stand in the objection, where they can be erased."""
    facts = {
        "announcement": objection.notice.announcement.reference,
        "customer": str(objection.notice.customer.reference),
        "state": str(objection.state),
        "by": str(by.reference),
    }
    evidence.services.record(kind=kind, facts=facts, subject=f"objection:{objection.reference}", happened_at=at)


def people_of(customer: Customer) -> list[User]:
    """Return the privacy contacts, or the owners where there is none."""
    return list(customer.people_with(Role.PRIVACY_CONTACT)) or list(customer.people_with(Role.OWNER))


def tell_people(objection: Objection, kind: str, at: datetime.datetime) -> None:
    for person in people_of(objection.notice.customer):
        with override(person.language):
            context = {
                "company": objection.notice.customer.legal_name,
                "reference": objection.reference,
                "announcement": objection.notice.announcement.reference,
                "names": names_of(objection),
                "solve_by_on": objection.solve_by_date.isoformat(),
                "answer": objection.answer,
                "outcome": objection.outcome,
                "state": str(objection.get_state_display()),
                "action_url": absolute(reverse("account_objection", args=[objection.reference])),
                "action_label": _("Open the objection"),
            }
        key = f"{kind}:{objection.pk}:{person.pk}:{at:%Y%m%d%H%M%S}"
        tell(to=person.email, kind=kind, language=person.language, context=context, key=key, customer=objection.notice.customer)


def tell_provider(objection: Objection) -> None:
    provider = Provider.objects.first()
    if provider is None:
        return
    language = settings.LANGUAGE_CODE
    with override(language):
        context = {
            "company": objection.notice.customer.legal_name,
            "reference": objection.reference,
            "announcement": objection.notice.announcement.reference,
            "names": names_of(objection),
            "solve_by_on": objection.solve_by_date.isoformat(),
            "action_url": absolute(reverse("manage_objection", args=[objection.reference])),
            "action_label": _("Open the objection"),
        }
    key = f"objection_for_staff:{objection.pk}"
    tell(to=provider.email, kind="objection_for_staff", language=language, context=context, key=key)


def names_of(objection: Objection) -> str:
    return ", ".join(objection.notice.announcement.changes.values_list("legal_name", flat=True))
