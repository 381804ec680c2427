"""Make the mail of a delivery, in its language, from the templates of its kind."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.backends.django import DjangoTemplates
from django.template.loader import render_to_string
from django.utils.translation import override

from customers.models import Provider
from notifications.models import Delivery
from pdf import storage
from publishing.placeholders import as_header


def compose(delivery: Delivery) -> EmailMultiAlternatives:
    """Return the mail; its Message-ID is the delivery's own, so that a second copy is recognised as one (RFC 5322, 3.6.4)."""
    context = {
        **delivery.context,
        "provider": Provider.objects.first(),
        "language": delivery.language,
        "portal_origin": settings.PORTAL_ORIGIN,
    }
    with override(delivery.language):
        subject = one_line(plain_text(f"emails/{delivery.kind}.subject.txt", context))
        text = plain_text(f"emails/{delivery.kind}.txt", {**context, "subject": subject})
        html = render_to_string(f"emails/{delivery.kind}.html", {**context, "subject": subject})
    mail = EmailMultiAlternatives(
        subject=subject,
        body=text.strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[delivery.recipient],
        headers={"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated", "Content-Language": delivery.language},
    )
    mail.attach_alternative(html, "text/html")
    for attachment, name in zip(delivery.attachments, delivery.file_names, strict=True):
        mail.attach(name, storage.read(attachment["sha256"]), mimetypes.guess_type(name)[0] or "application/octet-stream")
    return mail


def plain_text(template: str, context: Mapping[str, Any]) -> str:
    """Render a template whose values stay as they are: plain text knows no markup that a value could break."""
    folders = settings.TEMPLATES[0]["DIRS"]
    engine = DjangoTemplates({"NAME": "plain text", "DIRS": folders, "APP_DIRS": False, "OPTIONS": {"autoescape": False}})
    return engine.get_template(template).render(dict(context))


def one_line(text: str) -> str:
    """Return the text as a header: a line break in a value can start no other header (CWE-93)."""
    return as_header(" ".join(text.split()))
