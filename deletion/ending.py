"""When a cancelled contract ends, and what happens with the data when: in days, not in words alone."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

import pdf
from customers.models import Provider
from deletion.models import Cancellation, CaseEvent
from publishing.periods import days_after

DAYS_TO_ERASE = 30


class Ending(NamedTuple):
    """The days after a cancellation: the contract's end, the last day to retrieve the data, the day on which they are gone."""

    contract: datetime.date
    is_wish_too_early: bool
    retrieval: datetime.date
    erased: datetime.date


def end_of_contract(cancellation: Cancellation) -> datetime.date:
    """Return the wanted day, or the end of the notice period where that is later; for cause the contract ends with the receipt."""
    received = timezone.localdate(cancellation.received_at)
    if cancellation.kind == Cancellation.Kind.FOR_CAUSE:
        return max(cancellation.ends_date or received, received)
    earliest = days_after(received, settings.CONTRACT_NOTICE_DAYS)
    return max(cancellation.ends_date or earliest, earliest)


def of(cancellation: Cancellation) -> Ending:
    """Return the days on which contract, retrieval and data end (Art. 28(3)(g) GDPR, Art. 25(2)(g) of Regulation (EU) 2023/2854)."""
    contract = end_of_contract(cancellation)
    retrieval = days_after(contract, settings.CONTRACT_RETRIEVAL_DAYS)
    is_too_early = cancellation.ends_date is not None and cancellation.ends_date < contract
    return Ending(contract, is_too_early, retrieval, days_after(retrieval, DAYS_TO_ERASE))


def is_from_account(cancellation: Cancellation) -> bool:
    """Say whether somebody who had signed in cancelled: then the company is known without anybody's choice, also after its deletion."""
    chosen = CaseEvent.objects.filter(case__cancellation=cancellation, code="cancellation.linked")
    return cancellation.customer_reference is not None and not chosen.exists()


def in_words(cancellation: Cancellation) -> list[str]:
    """Return what happens with the data after the cancellation: page, mail, paper and desk say the same, and only what the portal does."""
    found = of(cancellation)
    checks = _("Our staff check it and approve it.")
    if not is_from_account(cancellation):
        checks = _("Our staff check to which account the cancellation belongs and whether the sender may cancel, and approve the deletion.")
    days = {"retrieval": date_format(found.retrieval, "DATE_FORMAT"), "erased": date_format(found.erased, "DATE_FORMAT")}
    planned = _("With the cancellation, the deletion of the account is put down as a task of our staff that is due by %(erased)s.") % days
    begins = _(
        "Every owner of the account then gets an e-mail and can withdraw the deletion until it begins by itself, after %(retrieval)s at the earliest."
    )
    too_early = _("The day that you entered lies before the end of the notice period; the contract ends on the first possible day.")
    return [
        *([too_early] if found.is_wish_too_early else []),
        _(
            "The cancellation itself deletes nothing. Until the contract ends everything stays as it is; the data can be retrieved after that too."
        ),
        f"{planned} {checks} {begins % days}",
        _("What the law requires to be kept stays until its period ends; backups end within the period of the data processing agreement."),
    ]


def confirmation_pdf(cancellation: Cancellation) -> bytes:
    """Return the confirmation in text form (§ 312k(4) BGB) as a PDF, in the language of the cancellation."""
    provider = Provider.objects.first()
    with override(cancellation.language):
        context = {"cancellation": cancellation, "ending": of(cancellation), "what_follows": in_words(cancellation), "provider": provider}
        rendered = pdf.render(
            html=render_to_string("pdf/cancellation.html", context),
            title=_("Confirmation of the cancellation %(reference)s") % {"reference": cancellation.reference},
            author=provider.legal_name if provider else "",
            language=cancellation.language,
            created_at=cancellation.received_at,
        )
    return rendered.content
