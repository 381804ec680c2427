"""Where a passage is used: how its embedded copy stays current, whether the page still shows it, and that it goes with the channel."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

import customers.services
import evidence.services
import jobs.services
from customers.models import Channel
from notifications.fetching import require_public
from notifications.links import absolute
from notifications.services import tell
from privacy_text import tasks
from privacy_text.drifting import NOTICE, people_to_tell
from privacy_text.models import ChannelText, Placement, TextKind, TextUpdate

if TYPE_CHECKING:
    from customers.models import Customer, User

PAUSE = datetime.timedelta(minutes=1)


class NoPage(Exception):
    """No page is named that could be looked at."""


class CheckedTooOften(Exception):
    """The page was looked at a moment ago; other people's servers are not asked more than once a minute."""


@transaction.atomic
def place(*, channel: Channel, page_url: str, updates: str, by: User, at: datetime.datetime) -> Placement:
    """Note where the passage stands and how updates arrive; raises notifications.fetching.AddressRefused for no public page."""
    if page_url:
        require_public(page_url)
    placement, _is_new = Placement.objects.select_for_update(of=("self",)).get_or_create(channel=channel)
    if placement.page_url != page_url:
        placement.checked_at, placement.found, placement.reason = None, "", ""
    has_changed = placement.updates != updates
    placement.page_url, placement.updates = page_url, updates
    placement.save()
    if has_changed:
        applies_at = at + NOTICE if updates == Placement.Updates.AUTOMATIC else None
        TextUpdate.objects.open().filter(channel=channel, kind=TextKind.PASSAGE).update(applies_at=applies_at)
        facts = {"channel": str(channel.public_id), "updates": updates, "by": str(by.reference)}
        subject = f"customer:{channel.customer.reference}"
        evidence.services.record(kind="privacy_text.updates_chosen", facts=facts, subject=subject, happened_at=at)
    return placement


@transaction.atomic
def ask_for_check(*, channel: Channel, at: datetime.datetime) -> None:
    """Have the page looked at by a job. Raises NoPage, CheckedTooOften."""
    placement = Placement.objects.select_for_update(of=("self",)).filter(channel=channel).exclude(page_url="").first()
    if placement is None:
        raise NoPage
    if placement.asked_at is not None and at < placement.asked_at + PAUSE:
        raise CheckedTooOften
    placement.asked_at = at
    placement.save(update_fields=["asked_at"])
    jobs.services.put(kind=tasks.CHECK, key=f"{tasks.CHECK}:{placement.pk}:{at:%Y%m%d%H%M%S}", subject=str(placement.pk))


@transaction.atomic
def remove_channel(*, channel: Channel, by: User, at: datetime.datetime) -> Channel:
    """Take the channel out of use; where its passage may stand on a page, remind people to take it out there."""
    removed = customers.services.remove_channel(channel=channel, by=by, at=at)
    TextUpdate.objects.filter(channel=channel, settled_at=None).update(settled_at=at)
    if ChannelText.objects.complete().filter(channel=channel, kind=TextKind.PASSAGE).exists():
        Placement.objects.get_or_create(channel=channel)
        remind_of_passage(removed.customer, removed)
    return removed


def remind_of_passage(customer: Customer, channel: Channel) -> None:
    for person in people_to_tell(customer):
        with override(person.language):
            context = {
                "company": customer.legal_name,
                "channel": channel.name,
                "page": channel.placement.page_url,
                "action_url": absolute(reverse("channel", args=[channel.pk])),
                "action_label": _("Open the channel"),
            }
        tell(
            to=person.email,
            kind="channel_removed",
            language=person.language,
            context=context,
            key=f"channel_removed:{channel.pk}:{person.pk}",
            customer=customer,
        )


@transaction.atomic
def note_taken_out(*, channel: Channel, by: User, at: datetime.datetime) -> None:
    """Note that the passage of a removed channel no longer stands on a page."""
    if Placement.objects.filter(channel=channel, channel__removed_at__isnull=False, taken_out_at=None).update(taken_out_at=at):
        facts = {"channel": str(channel.public_id), "by": str(by.reference)}
        subject = f"customer:{channel.customer.reference}"
        evidence.services.record(kind="privacy_text.passage_taken_out", facts=facts, subject=subject, happened_at=at)
