"""Mails of this app: how each looks as HTML, and the one that carries an invitation."""

from __future__ import annotations

import datetime
import json
import uuid

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from customers.models import Invitation, Provider, SealedLetter
from customers.secrets import decrypt, digest, encrypt, new_secret

KEPT_UNSENT = datetime.timedelta(days=3)


def letter_of(*, subject: str, text: str, to: str) -> EmailMultiAlternatives:
    """Return the mail with its text and the same words as HTML; the text decides, so neither can say more than the other."""
    text = text.strip() + "\n"
    letter = EmailMultiAlternatives(subject, text, to=[to], headers={"Auto-Submitted": "auto-generated"})
    letter.attach_alternative(as_html(subject=subject, text=text), "text/html")
    return letter


def as_html(*, subject: str, text: str) -> str:
    """Set the paragraphs of the text as HTML; an address that stands alone becomes a link."""
    paragraphs = [block.splitlines() for block in text.split("\n\n") if block.strip()]
    blocks = [
        {"lines": lines, "link": lines[0] if len(lines) == 1 and lines[0].startswith(settings.PORTAL_ORIGIN) else ""}
        for lines in paragraphs
    ]
    return render_to_string("account/email/letter.html", {"subject": subject, "blocks": blocks, "language": translation.get_language()})


def seal(letter: EmailMultiAlternatives) -> str:
    """Return the mail encrypted; what is sealed is what ``letter_of`` made it from."""
    content = {"subject": letter.subject, "text": letter.body, "to": letter.to[0], "language": translation.get_language()}
    return encrypt(json.dumps(content))


def send_sealed(number: uuid.UUID) -> None:
    """Send the mail and forget it; after a crash between the two it is sent twice, never not at all."""
    row = SealedLetter.objects.filter(pk=number).first()
    if row is None:
        return
    content = json.loads(decrypt(row.sealed))
    with translation.override(content["language"]):
        letter_of(subject=content["subject"], text=content["text"], to=content["to"]).send()
    row.delete()


def forget_unsent(now: datetime.datetime) -> int:
    """Delete mails that no attempt could deliver: their links have expired (``KEPT_UNSENT``)."""
    deleted, _by_model = SealedLetter.objects.filter(created_at__lt=now - KEPT_UNSENT).delete()
    return deleted


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
        return letter_of(subject=subject, text=render_to_string("account/email/invitation_message.txt", context), to=invitation.email)
