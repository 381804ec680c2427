"""Drafts of the agreement on their way to publication: written by one person, approved by another, rendered, published."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from customers.models import Provider, User
from dpa import coverage, publication
from dpa.composition import fix
from dpa.models import AgreementText, AgreementVersion
from evidence.services import record
from jobs.models import Job
from jobs.services import put, replay
from notifications.models import Topic
from notifications.services import ask_for_approval, tell
from publishing import services as publishing
from publishing.canonical import sha256_of_text
from publishing.models import ChangeKind
from publishing.services import PdfMissing as PdfMissing
from subprocessors.models import SubprocessorList
from toms.models import MeasureSet


class Incomplete(Exception):
    """Something that Art. 28(3) GDPR or the portal asks for is missing; ``lacks`` names it in words."""

    def __init__(self, lacks: list[str]) -> None:
        self.lacks = lacks
        super().__init__("; ".join(lacks))


class BodyLocked(Exception):
    """The body of standard clauses may not be changed, only options and annexes (Clause 2 of (EU) 2021/915)."""


@transaction.atomic
def draft_from(*, source: AgreementVersion | None, by: User, at: datetime.datetime) -> AgreementVersion:
    """Make a new draft: a copy of the given version, or an empty one."""
    draft = AgreementVersion(created_by=by, created_at=at)
    if source is not None:
        draft.prevailing_language, draft.is_body_locked = source.prevailing_language, source.is_body_locked
        draft.parameters, draft.coverage = dict(source.parameters), dict(source.coverage)
    draft.save()
    for text in source.texts.all() if source else ():
        AgreementText.objects.create(
            version=draft,
            language=text.language,
            title=text.title,
            body=text.body,
            description=text.description,
            summary=list(text.summary),
            locked_body_sha256=text.locked_body_sha256,
        )
    return draft


@transaction.atomic
def save_draft(*, draft: AgreementVersion, fields: Mapping[str, Any], texts: Mapping[str, Mapping[str, Any]], by: User) -> AgreementVersion:
    """Write the draft's fields and its texts by language, and the person among its authors.

    Raises NotADraft or BodyLocked, then nothing was written.
    """
    draft = publishing.opened(draft, by)
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.save()
    for language, values in texts.items():
        text, _is_new = AgreementText.objects.get_or_create(
            version=draft, language=language, defaults={"title": "", "body": "", "description": ""}
        )
        for name, value in values.items():
            setattr(text, name, value)
        keep_lock(draft, text)
        text.save()
    return draft


def keep_lock(draft: AgreementVersion, text: AgreementText) -> None:
    """Lock a body when the draft asks for it, and refuse a body that differs from the locked one."""
    if not draft.is_body_locked:
        text.locked_body_sha256 = ""
    elif not text.locked_body_sha256:
        text.locked_body_sha256 = sha256_of_text(text.body)
    elif text.locked_body_sha256 != sha256_of_text(text.body):
        raise BodyLocked


@transaction.atomic
def approve(*, version: AgreementVersion, by: User, at: datetime.datetime) -> AgreementVersion:
    """Approve a complete draft as the second person: annexes are pinned, texts fixed and hashed, PDFs ordered.

    The job of the last PDF publishes, or the clock on the planned day.
    """
    version = publishing.locked(version)
    lacks = coverage.missing(version, [code for code, _name in settings.LANGUAGES]) + missing_around(version)
    if lacks:
        raise Incomplete(lacks)
    if not version.is_draft:
        raise publishing.NotADraft
    today = timezone.localdate(at)
    version = publishing.apply_from(version=version, effective_date=max(version.effective_date or today, today))
    version.number = version.next_number(AgreementVersion.objects.current())
    version.measure_set = MeasureSet.objects.current()
    version.subprocessor_list = SubprocessorList.objects.current()
    fix_texts(version)
    AgreementVersion.objects.filter(pk=version.pk).update(measure_set=version.measure_set, subprocessor_list=version.subprocessor_list)
    version = publishing.approve(version=version, by=by, at=at)
    for text in version.texts.all():
        put(kind="dpa.render", key=job_key(text), subject=str(text.pk))
    return version


def job_key(text: AgreementText) -> str:
    return f"dpa.render:{text.pk}:{text.sha256}"


def failed_documents(version: AgreementVersion) -> QuerySet[Job]:
    """Return the jobs of the version's PDFs that gave up."""
    return Job.objects.filter(key__in=[job_key(text) for text in version.texts.all()], state=Job.State.DEAD)


@transaction.atomic
def make_documents_again(*, version: AgreementVersion) -> None:
    """Give the jobs that gave up all their attempts again."""
    for job in failed_documents(version):
        replay(job=job)


@transaction.atomic
def plan(*, version: AgreementVersion, fields: Mapping[str, Any], by: User, at: datetime.datetime) -> AgreementVersion:
    """Classify and date a draft and ask those who may approve; raises NotADraft."""
    draft = save_draft(draft=version, fields=fields, texts={}, by=by)
    ask_for_approval(
        permission="dpa.approve_agreementversion",
        title=Topic.AGREEMENT.label,
        view="manage_dpa_check",
        row=draft.pk,
        notes={"de": draft.change_note_de, "en": draft.change_note_en},
        occasion=f"dpa:{draft.pk}:{at:%Y%m%d%H%M}",
        by=by,
    )
    return draft


@transaction.atomic
def send_test_mail(*, version: AgreementVersion, context: Mapping[str, str], by: User, at: datetime.datetime) -> None:
    """Send the mail that customers will get to the person who asks for it."""
    key = f"example:agreement:{version.pk}:{by.pk}:{at:%Y%m%d%H%M%S}"
    tell(to=by.email, kind="agreement_new_version", language=by.language, context=context, key=key)


def missing_around(version: AgreementVersion) -> list[str]:
    """Return what is missing outside the texts: the provider, the registers, the date to accept by."""
    from django.utils.translation import gettext as _

    current = AgreementVersion.objects.current()
    lacks = []
    if not Provider.objects.exists():
        lacks.append(_("the provider's data"))
    if MeasureSet.objects.current() is None:
        lacks.append(_("a published set of measures (Annex 3)"))
    if SubprocessorList.objects.current() is None:
        lacks.append(_("a published list of subprocessors (Annex 4)"))
    if current and version.change_kind == ChangeKind.MATERIAL and version.must_accept_by is None:
        lacks.append(_("the date by which customers must accept"))
    return lacks


def fix_texts(version: AgreementVersion) -> None:
    provider = Provider.objects.get()
    for text in version.texts.all():
        text.version = version  # the number and the annexes are not saved yet
        keep_lock(version, text)
        fix(text, provider)


@transaction.atomic
def reopen(*, version: AgreementVersion, by: User, at: datetime.datetime) -> AgreementVersion:
    """Take the approval back, and with it the planned publication; the PDFs stay but belong to no text any more."""
    number = version.number
    draft = publishing.reopen(version=version)
    record(
        kind="agreement.reopened",
        facts={"version": number, "withdrawn_by": str(by.pk)},
        subject=f"agreement-draft-{draft.pk}",
        happened_at=at,
    )
    return draft


@transaction.atomic
def publish(*, version: AgreementVersion, by: User, at: datetime.datetime) -> AgreementVersion:
    """Publish an approved version now; raises AnnexOutdated, PdfMissing and what publishing.services.publish raises."""
    return publication.put_into_force(version, by=by, at=at)
