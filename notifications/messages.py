"""Make the mail of a delivery, in its language, from the templates of its kind."""

from __future__ import annotations

import datetime
import mimetypes
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.backends.django import DjangoTemplates
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.models import Provider
from notifications import links
from notifications.models import Delivery, Topic
from pdf import storage
from publishing.placeholders import as_header


def compose(delivery: Delivery) -> EmailMultiAlternatives:
    """Return the mail; its Message-ID is the delivery's own, so that a second copy is recognised as one (RFC 5322, 3.6.4)."""
    with override(delivery.language):
        links_in_mail = links_of(delivery)
    provider = Provider.objects.first()
    context = {
        **{name: as_date(name, value) for name, value in {**broadcast_content(delivery), **delivery.context}.items()},
        **links_in_mail,
        "provider": provider,
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
        reply_to=[provider.email] if provider and context.get("may_be_answered") else None,  # the sender's own mailbox may be nobody's
        headers={
            "Message-ID": delivery.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": delivery.language,
            **unsubscribe_headers(context),
        },
    )
    mail.attach_alternative(html, "text/html")
    for attachment, name in zip(delivery.attachments, delivery.file_names, strict=True):
        mail.attach(name, storage.read(attachment["sha256"]), mimetypes.guess_type(name)[0] or "application/octet-stream")
    return mail


def of_publication(*, topic: str, view: str, number: str, notes: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return what is told of a published version in each language; ``view`` names the page that shows a version by its number."""
    content = {}
    for language, note in notes.items():
        with override(language):
            url = links.absolute(reverse(view, args=[number]))
            title = str(Topic(topic).label)
            content[language] = {"title": title, "number": number, "note": note, "action_url": url, "action_label": _("Read more")}
    return content


def example(kind: str, language: str, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """Return the mail as a recipient would see it, for people who check it before it goes out; nothing is kept or sent."""
    return compose(Delivery(kind=kind, language=language, context=dict(context), recipient="example@example.com"))


def broadcast_content(delivery: Delivery) -> dict[str, Any]:
    """Return what the broadcast says in the delivery's language."""
    content: dict[str, Any] = delivery.broadcast.content.get(delivery.language, {}) if delivery.broadcast else {}
    return content


def as_date(name: str, value: Any) -> Any:
    """Return the date that stands as text under a name ending in ``_on``, so that templates write it as the language does."""
    return datetime.date.fromisoformat(value) if name.endswith("_on") and value else value


def links_of(delivery: Delivery) -> dict[str, str]:
    """Return a subscriber's links: to change the subscription and to end it; signed, without personal data."""
    if delivery.subscription_id is None:
        return {}
    if delivery.kind == "updates_confirm":
        return {"action_url": links.to_confirm(delivery.subscription_id, delivery.language), "action_label": _("Confirm the subscription")}
    return links.of_subscription(delivery.subscription_id, delivery.language)


def unsubscribe_headers(context: Mapping[str, Any]) -> dict[str, str]:
    """Let mail programs end a subscription with one click (RFC 2369, RFC 8058); mails that a contract asks for have none."""
    address = context.get("unsubscribe_url")
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if address else {}


def plain_text(template: str, context: Mapping[str, Any]) -> str:
    """Render a template whose values stay as they are: plain text knows no markup that a value could break."""
    folders = settings.TEMPLATES[0]["DIRS"]
    engine = DjangoTemplates({"NAME": "plain text", "DIRS": folders, "APP_DIRS": False, "OPTIONS": {"autoescape": False}})
    return engine.get_template(template).render(dict(context))


def one_line(text: str) -> str:
    """Return the text as a header: a line break in a value can start no other header (CWE-93)."""
    return as_header(" ".join(text.split()))
