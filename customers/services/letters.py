"""Mails of the login: written with what caused them, sent by a worker."""

from __future__ import annotations

import datetime

from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from customers import letters
from customers.models import SealedLetter
from jobs.services import put


@transaction.atomic
def post(*, letter: EmailMultiAlternatives, at: datetime.datetime) -> SealedLetter:
    """Have the mail sent outside the request: a mail server that is down costs no registration, and its speed tells nobody apart."""
    row = SealedLetter.objects.create(sealed=letters.seal(letter), created_at=at)
    put(kind="customers.send_letter", key=f"customers.send_letter:{row.pk}", subject=str(row.pk))
    return row
