"""What is written to whom when somebody leaves; each mail is made in the transaction of what it tells."""

from __future__ import annotations

import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from customers.models import Provider, Role
from deletion.models import Cancellation, ErasureRequest
from notifications.links import absolute
from notifications.services import tell

PROVIDERS_LANGUAGE = "de"


def tell_owners(request: ErasureRequest, kind: str) -> None:
    """Write to every owner in her own language, so that none can delete the account behind another's back."""
    assert request.customer is not None  # the company still exists while requests are made and withdrawn
    for owner in request.customer.people_with(Role.OWNER):
        with override(owner.language):
            context = {
                "company": request.customer.legal_name,
                "reference": request.reference,
                "last_day": as_day(request.last_day_to_withdraw),
                "due_date": as_day(request.due_date),
                "action_url": absolute(reverse("account_delete_status", args=[request.reference])),
                "action_label": gettext("See the deletion request"),
            }
        tell(to=owner.email, kind=kind, language=owner.language, context=context, key=f"{kind}:{request.reference}:{owner.pk}")


def tell_provider_of_request(request: ErasureRequest) -> None:
    """Write to the provider's mailbox; the mail names the reference alone, the portal knows the rest."""
    with override(PROVIDERS_LANGUAGE):
        context = {"reference": request.reference, "state": request.state, "due_date": as_day(request.due_date)}
        context["action_url"] = absolute(reverse("admin:deletion_erasurerequest_changelist"))
        context["action_label"] = gettext("See the deletion requests")
    tell_provider("deletion_for_staff", context, key=f"deletion_for_staff:{request.reference}:{request.state}")


def tell_provider_of_cancellation(cancellation: Cancellation) -> None:
    with override(PROVIDERS_LANGUAGE):
        context = {"reference": cancellation.reference, "received": as_minute(cancellation.received_at)}
        context["action_url"] = absolute(reverse("admin:deletion_cancellation_changelist"))
        context["action_label"] = gettext("See the cancellations")
    tell_provider("cancellation_for_staff", context, key=f"cancellation_for_staff:{cancellation.reference}")


def tell_provider(kind: str, context: dict[str, str], key: str) -> None:
    provider = Provider.objects.first()
    if provider is not None:
        tell(to=provider.email, kind=kind, language=PROVIDERS_LANGUAGE, context=context, key=key)


def confirm(cancellation: Cancellation) -> None:
    """Send content, date and time of receipt and the wanted end to the address that was given (§ 312k(4) BGB)."""
    with override(cancellation.language):
        context = {
            "reference": cancellation.reference,
            "kind": cancellation.get_kind_display(),
            "reason": cancellation.reason,
            "name": cancellation.name,
            "identification": cancellation.identification,
            "ends": ends_in_words(cancellation),
            "received": as_minute(cancellation.received_at),
        }
    key = f"cancellation_received:{cancellation.reference}"
    tell(to=cancellation.email, kind="cancellation_received", language=cancellation.language, context=context, key=key)


def ends_in_words(cancellation: Cancellation) -> str:
    return as_day(cancellation.ends_date) if cancellation.ends_date else gettext("as soon as possible")


def as_day(day: datetime.date) -> str:
    return date_format(day, "DATE_FORMAT")


def as_minute(at: datetime.datetime) -> str:
    """Return date and time as people read them, in the portal's time zone."""
    local = timezone.localtime(at)
    return gettext("%(day)s, %(time)s") % {"day": as_day(local.date()), "time": date_format(local, "TIME_FORMAT")}
