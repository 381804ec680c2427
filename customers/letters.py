"""The mail that carries an invitation."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from customers.models import Invitation, Provider
from customers.secrets import digest, new_secret


def send_invitation(number: int) -> None:
    """Send the mail that was asked for; after a crash between sending and noting it, a second one replaces the first.

    The link's secret is made here and kept only as a hash, so neither the job nor the database can open the invitation.
    """
    invitation, secret = _with_new_secret(number)
    if invitation is None:
        return
    wanted_at = invitation.mail_wanted_at
    _letter(invitation, secret).send()
    Invitation.objects.filter(pk=invitation.pk, mail_wanted_at=wanted_at).update(mail_sent_at=timezone.now())


@transaction.atomic
def _with_new_secret(number: int) -> tuple[Invitation | None, str]:
    """Give the invitation a new link, which ends the old one; None when no mail is due any more."""
    invitation = Invitation.objects.pending().select_for_update(no_key=True).filter(pk=number).first()
    if invitation is None or not invitation.mail_is_due():
        return None, ""
    secret = new_secret()
    invitation.token_hash = digest(secret)
    invitation.save(update_fields=["token_hash"])
    return invitation, secret


def _letter(invitation: Invitation, secret: str) -> EmailMultiAlternatives:
    with translation.override(invitation.language):
        context = {
            "invitation": invitation,
            "customer": invitation.customer,
            "provider": Provider.objects.first(),
            "link": settings.PORTAL_ORIGIN + reverse("invitation", args=[secret]),
        }
        subject = render_to_string("account/email/invitation_subject.txt", context).strip()
        letter = EmailMultiAlternatives(subject, render_to_string("account/email/invitation_message.txt", context), to=[invitation.email])
        letter.attach_alternative(render_to_string("account/email/invitation_message.html", context), "text/html")
        letter.extra_headers["Auto-Submitted"] = "auto-generated"
    return letter
