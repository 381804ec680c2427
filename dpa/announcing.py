"""Tell and remind those whose acceptance is outstanding: a new version, its last week, a forwarded link that lies unused."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.models import Customer, Role, User
from dpa.gate import OPEN_END
from dpa.models import AgreementVersion
from evidence.services import record
from notifications.links import absolute
from notifications.services import tell
from publishing.models import ChangeKind

LAST_WEEK = datetime.timedelta(days=7)
ADDRESSED = (Role.OWNER, Role.SIGNATORY, Role.PRIVACY_CONTACT)


def outstanding(version: AgreementVersion) -> Iterator[Customer]:
    """Yield the active customers whose agreement needs their acceptance of this version."""
    if version.change_kind == ChangeKind.MATERIAL:
        yield from Customer.objects.filter(closed_at=None, agreement_valid_until__lt=OPEN_END).order_by("pk").iterator(chunk_size=1000)


def people_to_tell(customer: Customer) -> list[User]:
    """Return each person once who signs or looks after privacy for the customer."""
    return list(User.objects.filter(memberships__customer=customer, memberships__role__in=ADDRESSED, is_active=True).distinct())


def tell_customer(customer: Customer, version: AgreementVersion, kind: str, occasion: str) -> int:
    """Send one mail per person and occasion; a repeated call sends nothing again."""
    people = people_to_tell(customer)
    for person in people:
        context = mail_context(customer, version, person.language)
        key = f"{kind}:{occasion}:{version.pk}:{person.pk}"
        tell(to=person.email, kind=kind, language=person.language, context=context, key=key, customer=customer)
    return len(people)


def mail_context(customer: Customer, version: AgreementVersion, language: str) -> dict[str, str]:
    with override(language):
        deadline = timezone.localtime(version.must_accept_by) if version.must_accept_by else None
        return {
            "company": customer.legal_name,
            "version": version.number,
            "effective_date": date_format(version.effective_date, "DATE_FORMAT") if version.effective_date else "",
            "must_accept_by": f"{date_format(deadline, 'DATE_FORMAT')}, {deadline:%H:%M}" if deadline else "",
            "change_note": version.change_note(language),
            "action_url": absolute(reverse("agreement")),
            "action_label": _("Open the agreement"),
        }


@transaction.atomic
def announce(*, version: AgreementVersion) -> int:
    """Tell every active customer of a published version; the first version has nobody to tell."""
    if not AgreementVersion.objects.readable().exclude(pk=version.pk).exists():
        return 0
    customers = Customer.objects.filter(closed_at=None).order_by("pk").iterator(chunk_size=1000)
    return sum(tell_customer(customer, version, "agreement_new_version", "announced") for customer in customers)


@transaction.atomic
def remind(*, customer: Customer, version: AgreementVersion, at: datetime.datetime) -> int:
    """Remind one customer because a member of staff asked for it, at most once a day."""
    record(kind="agreement.reminded", facts={"version": version.number}, subject=str(customer.reference), happened_at=at)
    return tell_customer(customer, version, "agreement_reminder", f"{at:%Y-%m-%d}")


@transaction.atomic
def remind_outstanding(*, at: datetime.datetime) -> int:
    """Remind all who have one week left; run every hour, it writes to each person once."""
    version = AgreementVersion.objects.current()
    if version is None or version.must_accept_by is None or not at <= version.must_accept_by <= at + LAST_WEEK:
        return 0
    return sum(tell_customer(customer, version, "agreement_reminder", "last-week") for customer in outstanding(version))
