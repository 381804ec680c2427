"""Put an approved version of the agreement into force: with its PDFs, its evidence, the gate and its news, once its day has come."""

from __future__ import annotations

import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

import publishing.services
from dpa.gate import write_standing
from dpa.models import AgreementVersion
from evidence.services import record
from jobs.services import put
from notifications.models import Topic
from notifications.services import tell_of_publication
from publishing.models import ChangeKind
from subprocessors.models import SubprocessorList
from toms.models import MeasureSet


class AnnexOutdated(Exception):
    """A newer set of measures or list of subprocessors was published since the approval."""


def require_newest_annexes(version: AgreementVersion) -> None:
    if version.measure_set != MeasureSet.objects.current() or version.subprocessor_list != SubprocessorList.objects.current():
        raise AnnexOutdated


@transaction.atomic
def put_into_force(version: AgreementVersion, *, by: AbstractBaseUser, at: datetime.datetime) -> AgreementVersion:
    """Publish an approved version: it supersedes the current one, and the gate follows in the same transaction.

    Raises AnnexOutdated, publishing.services.PdfMissing and what publishing.services.publish raises.
    """
    version = publishing.services.locked(version)
    require_newest_annexes(version)
    assert version.effective_date is not None  # demanded at approval
    version = publishing.services.publish(version=version, by=by, at=at, effective_date=version.effective_date)
    write_standing()
    facts = {"version": version.number, "kind": version.change_kind, "sha256": version.sha256}
    facts |= {f"text_sha256_{text.language}": text.sha256 for text in version.texts.all()}
    record(kind="agreement.published", facts=facts, subject=f"agreement-{version.number}", happened_at=at)
    if version.change_kind == ChangeKind.MATERIAL:
        notes = {"de": version.change_note_de, "en": version.change_note_en}
        tell_of_publication(topic=Topic.AGREEMENT, view="dpa_version", number=version.number, notes=notes, at=at)
    put(kind="dpa.announce", key=f"dpa.announce:{version.pk}", subject=str(version.pk))
    return version


@transaction.atomic
def put_into_force_if_due(at: datetime.datetime) -> AgreementVersion | None:
    """Publish the approved version, in the name of who approved it, once its PDFs are made and its day has come; else do nothing.

    A version whose annexes are no longer the newest waits for people: its texts name the old ones.
    """
    approved = publishing.services.due(AgreementVersion, at)
    if approved is None:
        return None
    try:
        require_newest_annexes(approved)
    except AnnexOutdated:
        return None
    assert approved.approved_by is not None  # held by a constraint
    return put_into_force(approved, by=approved.approved_by, at=at)
