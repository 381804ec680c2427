"""A company's channels: made, named, switched on once an agreement is in force, removed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from customers.models import Channel, Customer, User
from customers.services.companies import subject_of, tell_of_change
from evidence.services import record


class AgreementMissing(Exception):
    """No agreement is in force, so nothing may be processed for the company (Art. 28(3) GDPR)."""


class ChannelRemoved(Exception):
    """The channel was removed; it can be neither changed nor switched on."""


class NameTaken(Exception):
    """Another channel of the company has the name."""


@dataclass(frozen=True)
class ChannelDetails:
    """What a company says about a channel: its name, where it is found, and where its privacy notice stands."""

    name: str
    address: str = ""
    privacy_url: str = ""


@transaction.atomic
def create_channel(*, customer: Customer, channel_type: str, details: ChannelDetails, by: User, at: datetime) -> Channel:
    """Make a channel that is not active yet; raises NameTaken. ``channel_type`` is the key of a type that exists."""
    channel = Channel(customer=customer, channel_type=channel_type, created_by=by, created_at=at, **asdict(details))
    saved(channel)
    note(channel, "customers.channel_created", by, at, channel_type=channel_type)
    return channel


@transaction.atomic
def change_channel(*, channel: Channel, details: ChannelDetails, by: User, at: datetime) -> Channel:
    """Change what the company says about the channel; raises ChannelRemoved, NameTaken."""
    channel = locked(channel)
    changed = [name for name, value in asdict(details).items() if getattr(channel, name) != value]
    for name in changed:
        setattr(channel, name, getattr(details, name))
    if changed:
        saved(channel)
        note(channel, "customers.channel_changed", by, at, fields=changed)
        tell_of_change(channel.customer, at)
    return channel


@transaction.atomic
def activate_channel(*, channel: Channel, by: User, at: datetime) -> Channel:
    """Switch the channel on; raises AgreementMissing before the agreement is accepted, ChannelRemoved. Said twice it is done once."""
    channel = locked(channel)
    if not channel.may_be_activated(at):
        raise AgreementMissing
    if channel.activated_at is None:
        channel.activated_at = at
        channel.save(update_fields=["activated_at"])
        note(channel, "customers.channel_activated", by, at)
    return channel


@transaction.atomic
def deactivate_channel(*, channel: Channel, by: User, at: datetime) -> Channel:
    """Switch the channel off; raises ChannelRemoved."""
    channel = locked(channel)
    if channel.activated_at is not None:
        channel.activated_at = None
        channel.save(update_fields=["activated_at"])
        note(channel, "customers.channel_deactivated", by, at)
    return channel


@transaction.atomic
def remove_channel(*, channel: Channel, by: User, at: datetime) -> Channel:
    """Take the channel out of use for good; its texts stay readable in the history. Raises ChannelRemoved when it was before."""
    channel = locked(channel)
    channel.removed_at, channel.activated_at = at, None
    channel.save(update_fields=["removed_at", "activated_at"])
    note(channel, "customers.channel_removed", by, at)
    return channel


def locked(channel: Channel) -> Channel:
    """Return the row as it stands now, locked until the transaction ends; raises ChannelRemoved."""
    row = Channel.objects.select_related("customer").select_for_update(of=("self",)).get(pk=channel.pk)
    if row.removed_at is not None:
        raise ChannelRemoved
    return row


def saved(channel: Channel) -> None:
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError as error:
        if "channel_name_once" in str(error):
            raise NameTaken from error
        raise


def note(channel: Channel, kind: str, by: User, at: datetime, **facts: str | list[str]) -> None:
    about = {"channel": str(channel.public_id), "by": str(by.reference), **facts}
    record(kind=kind, facts=about, subject=subject_of(channel.customer), happened_at=at)
