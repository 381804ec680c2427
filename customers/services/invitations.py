"""Owners invite people to act for their company."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction

from customers.models import Customer, Invitation, Membership, User
from customers.models.access import INVITATION_LASTS, INVITATION_MAIL_PAUSE
from customers.secrets import digest
from customers.services.companies import subject_of
from customers.services.registration import PersonDetails, create_user, note_confirmed_address, work_for
from evidence.services import record
from jobs.services import put

MAILS_PER_HOUR = 20
"""How many invitations one company may send in an hour, so that the portal is no relay for unwanted mail."""


class AlreadyInvited(Exception):
    """An invitation to this address is on its way."""


class AlreadyMember(Exception):
    """The address belongs to somebody who acts for the company already."""


class InvitationOver(Exception):
    """The invitation was used, withdrawn, or has expired."""


class WrongAddress(Exception):
    """The person signed in has another address than the one invited."""


class MailAskedTooOften(Exception):
    """The last mail was asked for a moment ago, or the company sent too many."""


@transaction.atomic
def invite(*, customer: Customer, email: str, roles: Sequence[str], language: str, by: User, at: datetime) -> Invitation:
    """Invite the holder of the address; raises AlreadyInvited, AlreadyMember, MailAskedTooOften."""
    email = email.lower()
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if customer.memberships.filter(user__email=email).exists():
        raise AlreadyMember
    if customer.invitations.live(at).filter(email=email).exists():
        raise AlreadyInvited
    customer.invitations.pending().filter(email=email).update(withdrawn_at=at)  # what is still pending here has expired
    _refuse_flood(customer, at)
    invitation = Invitation.objects.create(
        customer=customer,
        email=email,
        roles=list(roles),
        language=language,
        invited_by=by,
        created_at=at,
        expires_at=at + INVITATION_LASTS,
        mail_wanted_at=at,
    )
    _put_mail(invitation)
    record(kind="customers.invited", facts={"roles": sorted(roles), "by": str(by.reference)}, subject=subject_of(customer), happened_at=at)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, by: User, at: datetime) -> Invitation:
    """Send a new link, valid for the full time again; the old link dies. Raises InvitationOver, MailAskedTooOften."""
    invitation = _locked(invitation)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise InvitationOver
    if at - invitation.mail_wanted_at < INVITATION_MAIL_PAUSE:
        raise MailAskedTooOften
    _refuse_flood(invitation.customer, at)
    invitation.expires_at, invitation.mail_wanted_at, invitation.invited_by = at + INVITATION_LASTS, at, by
    invitation.save(update_fields=["expires_at", "mail_wanted_at", "invited_by"])
    _put_mail(invitation)
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User, at: datetime) -> None:
    """Make the link useless; raises InvitationOver when it was used or withdrawn before."""
    invitation = _locked(invitation)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise InvitationOver
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    subject = subject_of(invitation.customer)
    record(kind="customers.invitation_withdrawn", facts={"by": str(by.reference)}, subject=subject, happened_at=at)


def invitation_of(token: str) -> Invitation | None:
    """Return the invitation that the link's token belongs to, whatever its state."""
    wanted = digest(token)
    invitation = Invitation.objects.select_related("customer").filter(token_hash=wanted).first()
    if invitation and hmac.compare_digest(invitation.token_hash or "", wanted):
        return invitation
    return None


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User, at: datetime) -> None:
    """Give the person the roles of the invitation and let her act for the company; raises InvitationOver, WrongAddress."""
    customer = Customer.objects.select_for_update(no_key=True).get(pk=invitation.customer_id)
    invitation = _locked(invitation)
    if not invitation.is_live(at):
        raise InvitationOver
    if user.email != invitation.email:
        raise WrongAddress
    roles = [Membership(customer=customer, user=user, role=role, created_at=at) for role in invitation.roles]
    Membership.objects.bulk_create(roles, ignore_conflicts=True)
    work_for(user, customer)
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    facts = {"person": str(user.reference), "roles": sorted(invitation.roles)}
    record(kind="customers.invitation_accepted", facts=facts, subject=subject_of(customer), happened_at=at)


@transaction.atomic
def register_invited(*, invitation: Invitation, person: PersonDetails, at: datetime) -> User:
    """Create the invited person, whose address the link has verified; raises EmailTaken, InvitationOver."""
    user = create_user(replace(person, email=invitation.email))
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    note_confirmed_address(user=user, at=at)
    accept_invitation(invitation=invitation, user=user, at=at)
    return user


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update(no_key=True, of=("self",)).select_related("customer").get(pk=invitation.pk)


def _refuse_flood(customer: Customer, at: datetime) -> None:
    if customer.invitations.filter(mail_wanted_at__gt=at - timedelta(hours=1)).count() >= MAILS_PER_HOUR:
        raise MailAskedTooOften


def _put_mail(invitation: Invitation) -> None:
    key = f"customers.send_invitation:{invitation.pk}:{invitation.mail_wanted_at.isoformat()}"
    put(kind="customers.send_invitation", key=key, subject=str(invitation.pk))
