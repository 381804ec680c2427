"""Addresses for mails: always below the portal's own origin, never below the host of a request, which anybody can write."""

from __future__ import annotations

import datetime
import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import override

CONFIRM, MANAGE = "notifications.confirm", "notifications.manage"
CONFIRM_WITHIN = datetime.timedelta(days=7)


class LinkExpired(Exception):
    """The link to confirm is older than a week."""


class LinkUnknown(Exception):
    """The link was not made by this portal, or was cut."""


def absolute(path: str) -> str:
    """Return the address of a path of the portal; raises ValueError for anything that could lead elsewhere."""
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        raise ValueError("A path of the portal begins with one slash.")
    return f"{settings.PORTAL_ORIGIN}{path}"


def token(number: uuid.UUID, purpose: str) -> str:
    """Return the subscription's random number, signed for one purpose; it says nothing about the person."""
    return signing.TimestampSigner(salt=purpose).sign(number.hex)


def read_token(text: str, purpose: str) -> uuid.UUID:
    """Return the number; raises LinkUnknown, or for a link to confirm LinkExpired after a week. Links to leave never expire."""
    try:
        signed = signing.TimestampSigner(salt=purpose).unsign(text, max_age=CONFIRM_WITHIN if purpose == CONFIRM else None)
        return uuid.UUID(signed)
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, ValueError) as error:
        raise LinkUnknown from error


def of_subscription(number: uuid.UUID, language: str) -> dict[str, str]:
    """Return the addresses at which a subscription is changed and ended."""
    text = token(number, MANAGE)
    with override(language):
        return {
            "manage_url": absolute(reverse("updates_subscription", args=[text])),
            "unsubscribe_url": absolute(reverse("updates_unsubscribe", args=[text])),
        }


def to_confirm(number: uuid.UUID, language: str) -> str:
    """Return the address at which a new subscription is confirmed."""
    with override(language):
        return absolute(reverse("updates_confirm", args=[token(number, CONFIRM)]))
