"""Hand the agreement to the colleague who may sign, by a link that needs no account; the task is tracked until it is done."""

from __future__ import annotations

import datetime
import hashlib
import secrets

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.models import Customer, User
from dpa.models import Acceptance, Channel, Delegation
from evidence.services import record
from notifications.links import absolute
from notifications.services import tell

MAILS_A_DAY = 10
PAUSE_BETWEEN_MAILS = datetime.timedelta(minutes=2)


class ForwardingClosed(Exception):
    """The link is unknown, used, withdrawn or past its date; ``state`` says which."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(state)


class TooManyInvitations(Exception):
    """This customer sent its invitations for today, or the same one a moment ago."""


def sha256_of_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def forward(*, customer: Customer, email: str, message: str, language: str, by: User, at: datetime.datetime) -> Delegation:
    """Invite the person behind the address to read and accept for the customer."""
    day_ago = at - datetime.timedelta(days=1)
    Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    if customer.delegations.filter(created_at__gt=day_ago).count() >= MAILS_A_DAY:
        raise TooManyInvitations
    token = secrets.token_urlsafe(32)
    delegation = Delegation.objects.create(
        customer=customer,
        email=email.lower(),
        message=message,
        token_sha256=sha256_of_token(token),
        created_by=by,
        created_at=at,
        expires_at=at + Delegation.VALID_FOR,
    )
    record(kind="agreement.forwarded", facts={"delegation": delegation.pk}, subject=str(customer.reference), happened_at=at)
    send_link(delegation, token, by, language, at)
    return delegation


@transaction.atomic
def resend(*, delegation: Delegation, language: str, by: User, at: datetime.datetime) -> Delegation:
    """Send a fresh link and make the earlier one worthless."""
    delegation = Delegation.objects.select_for_update(of=("self",)).get(pk=delegation.pk)
    if delegation.state(at) in ("accepted", "withdrawn"):
        raise ForwardingClosed(delegation.state(at))
    if at - (delegation.expires_at - Delegation.VALID_FOR) < PAUSE_BETWEEN_MAILS:
        raise TooManyInvitations
    token = secrets.token_urlsafe(32)
    delegation.token_sha256, delegation.expires_at = sha256_of_token(token), at + Delegation.VALID_FOR
    delegation.save(update_fields=["token_sha256", "expires_at"])
    send_link(delegation, token, by, language, at)
    return delegation


def send_link(delegation: Delegation, token: str, by: User, language: str, at: datetime.datetime) -> None:
    with override(language):
        context = {
            "company": delegation.customer.legal_name,
            "sender": by.full_name,
            "message": delegation.message,
            "expires_at": date_format(timezone.localtime(delegation.expires_at), "DATE_FORMAT"),
            "action_url": absolute(reverse("agreement_forwarded", args=[token])),
            "action_label": _("Read the agreement"),
        }
    key = f"agreement_forwarded:{delegation.pk}:{int(at.timestamp())}"
    tell(to=delegation.email, kind="agreement_forwarded", language=language, context=context, key=key, customer=delegation.customer)


@transaction.atomic
def withdraw(*, delegation: Delegation, at: datetime.datetime) -> None:
    """Make the link worthless; raise ForwardingClosed when it was used already."""
    delegation = Delegation.objects.select_for_update(of=("self",)).get(pk=delegation.pk)
    if delegation.state(at) in ("accepted", "withdrawn"):
        raise ForwardingClosed(delegation.state(at))
    delegation.withdrawn_at = at
    delegation.save(update_fields=["withdrawn_at"])
    record(
        kind="agreement.forwarding_withdrawn",
        facts={"delegation": delegation.pk},
        subject=str(delegation.customer.reference),
        happened_at=at,
    )


@transaction.atomic
def open_forwarded(*, token: str, at: datetime.datetime) -> Delegation:
    """Return the delegation of a link and note its first reading; raise ForwardingClosed when the link leads nowhere."""
    rows = Delegation.objects.select_for_update(of=("self",)).select_related("customer", "created_by")
    delegation = rows.filter(token_sha256=sha256_of_token(token)).first()
    if delegation is None:
        raise ForwardingClosed("unknown")
    if delegation.state(at) in ("withdrawn", "expired"):
        raise ForwardingClosed(delegation.state(at))
    if delegation.read_at is None:
        delegation.read_at = at
        delegation.save(update_fields=["read_at"])
    return delegation


@transaction.atomic
def close_forwarded(*, delegation: Delegation, acceptance: Acceptance) -> None:
    """Note which acceptance the link led to, unless a colleague accepted first."""
    if acceptance.channel == Channel.DELEGATION and acceptance.accepted_by_id is None:
        Delegation.objects.filter(pk=delegation.pk, withdrawn_at=None).update(acceptance=acceptance)
