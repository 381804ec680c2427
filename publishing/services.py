"""Approve and publish, the same for every register and text; each app's services call these and add their own evidence."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, TypeVar, cast

from django.db import transaction
from django.utils import timezone

from publishing.models import PublishedVersion, State

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

Version = TypeVar("Version", bound=PublishedVersion)


class AuthorMayNotApprove(Exception):
    """The person who wrote a version may not be the one who approves it."""


class NotADraft(Exception):
    """Only a draft can be changed or approved."""


class NotApproved(Exception):
    """Only an approved version can be published."""


class AnotherIsApproved(Exception):
    """One approved version at a time: publish it or open it again first."""


class NumberTaken(Exception):
    """Another version was published since the approval, so the approved number no longer follows."""


class ContentChanged(Exception):
    """The content is no longer the one that was approved."""


class PdfMissing(Exception):
    """The PDF of at least one language has not been made; a version without its PDF is not published."""


def locked(version: Version) -> Version:
    """Return the row as it stands now, locked until the transaction ends."""
    rows = type(version)._default_manager.select_for_update(of=("self",))
    return cast(Version, rows.get(pk=version.pk))


def opened(version: Version, by: AbstractBaseUser) -> Version:
    """Lock the draft and note who changes it; raises NotADraft once somebody approved it."""
    draft = locked(version)
    if not draft.is_draft:
        raise NotADraft
    if by.pk not in draft.editor_ids:
        draft.editor_ids.append(by.pk)
        draft.save(update_fields=["editor_ids"])
    return draft


def due(model: type[Version], at: datetime.datetime) -> Version | None:
    """Return the approved version, locked until the transaction ends, once its PDFs are made and its day has come.

    The lock: where two workers come at once, the second finds the version no longer approved.
    """
    rows = model._default_manager.select_for_update(of=("self",)).select_related("approved_by")
    approved = cast("Version | None", rows.filter(state=State.APPROVED).first())
    if approved is None or approved.effective_date is None or approved.effective_date > timezone.localdate(at):
        return None
    return approved if approved.has_documents() else None


@transaction.atomic
def apply_from(*, version: Version, effective_date: datetime.date) -> Version:
    """Have a version apply from the day; PDFs name the day, so those of another day do not count any more. Raises NotADraft once published."""
    version = locked(version)
    if version.is_frozen:
        raise NotADraft
    if version.effective_date != effective_date:
        version.effective_date = effective_date
        version.save(update_fields=["effective_date"])
    return version


@transaction.atomic
def approve(*, version: Version, by: AbstractBaseUser, at: datetime.datetime) -> Version:
    """Approve a draft as the second person, and fix its number and its hash."""
    manager = type(version)._default_manager
    current = cast("Version | None", manager.select_for_update(of=("self",)).filter(state=State.PUBLISHED).first())
    version = locked(version)
    if not version.is_draft:
        raise NotADraft
    if version.is_authored_by(by):
        raise AuthorMayNotApprove
    if manager.filter(state=State.APPROVED).exists():
        raise AnotherIsApproved
    version.number = version.next_number(current)
    version.state, version.approved_by, version.approved_at = State.APPROVED, by, at  # type: ignore[assignment]
    version.sha256 = version.content_sha256()
    version.save()
    return version


@transaction.atomic
def reopen(*, version: Version) -> Version:
    """Take an approval back so that the draft can be changed again."""
    version = locked(version)
    if version.state != State.APPROVED:
        raise NotApproved
    version.state, version.approved_by, version.approved_at = State.DRAFT, None, None
    version.sha256 = version.number = ""
    version.save()
    return version


@transaction.atomic
def publish(*, version: Version, by: AbstractBaseUser, at: datetime.datetime, effective_date: datetime.date) -> Version:
    """Publish an approved version whose PDFs are made, and supersede the current one."""
    current = cast("Version | None", type(version)._default_manager.select_for_update(of=("self",)).filter(state=State.PUBLISHED).first())
    version = locked(version)
    if version.state != State.APPROVED:
        raise NotApproved
    if version.sha256 != version.content_sha256():
        raise ContentChanged
    if version.number != version.next_number(current):
        raise NumberTaken
    version.effective_date = effective_date
    if not version.has_documents():
        raise PdfMissing
    if current is not None:
        current.state, current.superseded_at = State.SUPERSEDED, at
        current.save(update_fields=["state", "superseded_at"])
    version.state, version.published_by, version.published_at = State.PUBLISHED, by, at  # type: ignore[assignment]
    version.save()
    return version
