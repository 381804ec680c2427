"""Whatever is published: an approval plans it, its PDFs come first, its day has to come, and until then it can be withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

import dpa.publication
import dpa.services
import dpa.tasks
import privacy_text.publication
import privacy_text.services
import privacy_text.tasks
import publishing.services
import subprocessors.publication
import subprocessors.services
import subprocessors.tasks
import toms.publication
import toms.services
import toms.tasks
from customers.models import User
from dpa.models import AgreementVersion
from jobs.models import Job
from pdf import RenderFailed
from publishing.models import PublishedVersion
from tests.factories import agreement, channels, customers, registers

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Kind:
    """One of the things that are published: how a draft comes into being, is planned, approved, printed, put into force."""

    name: str
    start: Callable[[User], Any]
    plan: Callable[[Any, date, User], Any]
    approve: Callable[[Any, User], Any]
    reopen: Callable[[Any, User], Any]
    clock: Callable[..., Any]
    job: str
    run: Callable[[str], None]
    subjects: Callable[[Any], list[int]] = lambda version: [version.pk]


NOTES = {"de": "Neu", "en": "New"}
FIELDS = {"change_kind": "editorial", "change_note_de": "Neu", "change_note_en": "New"}


def draft_of_measures(by: User) -> Any:
    registers.published_measures()
    draft = toms.services.start_draft(by=by, at=registers.AT)
    draft.measures.filter(key="C-01").update(text_de="Anders", text_en="Otherwise")
    return draft


def draft_of_subprocessors(by: User) -> Any:
    registers.published_subprocessors()
    draft = subprocessors.services.start_draft(by=by, at=registers.AT)
    draft.entries.update(contact="other@example.com")
    return draft


def draft_of_agreement(by: User) -> Any:
    draft = dpa.services.draft_from(source=agreement.published(), by=by, at=registers.AT)
    draft.texts.update(title="Another title")
    return draft


def draft_of_texts(by: User) -> Any:
    channels.published()
    draft = privacy_text.services.start_draft(by=by, at=registers.AT)
    draft.parts.filter(kind="opt_in_later").update(text="Not now")
    return draft


def plan_of(service: Any, name: str) -> Callable[[Any, date, User], Any]:
    def plan(draft: Any, day: date, by: User) -> Any:
        known = {name: draft, "change_kind": "editorial", "effective_date": day, "notes": NOTES}
        return service.plan(**known, by=by, at=timezone.now())

    return plan


def act_of(act: Callable[..., Any], name: str) -> Callable[[Any, User], Any]:
    return lambda version, by: act(**{name: version}, by=by, at=timezone.now())


MEASURES = Kind(
    "measures",
    draft_of_measures,
    plan_of(toms.services, "measure_set"),
    act_of(toms.services.approve, "measure_set"),
    act_of(toms.services.reopen, "measure_set"),
    toms.publication.put_into_force_if_due,
    toms.tasks.RENDER,
    toms.tasks.render,
)
SUBPROCESSORS = Kind(
    "subprocessors",
    draft_of_subprocessors,
    plan_of(subprocessors.services, "subprocessor_list"),
    act_of(subprocessors.services.approve, "subprocessor_list"),
    act_of(subprocessors.services.reopen, "subprocessor_list"),
    subprocessors.publication.put_into_force_if_due,
    subprocessors.tasks.RENDER,
    subprocessors.tasks.render,
)
AGREEMENT = Kind(
    "agreement",
    draft_of_agreement,
    lambda draft, day, by: dpa.services.plan(version=draft, fields={**FIELDS, "effective_date": day}, by=by, at=timezone.now()),
    act_of(dpa.services.approve, "version"),
    act_of(dpa.services.reopen, "version"),
    dpa.publication.put_into_force_if_due,
    "dpa.render",
    dpa.tasks.render,
    lambda version: list(AgreementVersion.objects.get(pk=version.pk).texts.values_list("pk", flat=True)),
)
TEXTS = Kind(
    "texts",
    draft_of_texts,
    plan_of(privacy_text.services, "version"),
    act_of(privacy_text.services.approve, "version"),
    act_of(privacy_text.services.reopen, "version"),
    privacy_text.publication.put_into_force_if_due,
    privacy_text.publication.PUBLISH,
    privacy_text.tasks.publish,
)
KINDS = pytest.mark.parametrize("kind", [MEASURES, SUBPROCESSORS, AGREEMENT, TEXTS], ids=lambda kind: kind.name)
PRINTED = pytest.mark.parametrize("kind", [MEASURES, SUBPROCESSORS, AGREEMENT], ids=lambda kind: kind.name)


@pytest.fixture
def second() -> User:
    customers.provider()
    return customers.staff("approver")


def approved(kind: Kind, second: User, days: int = 0) -> PublishedVersion:
    author = customers.staff("editor")
    draft = kind.plan(kind.start(author), timezone.localdate() + timedelta(days=days), author)
    version: PublishedVersion = kind.approve(draft, second)
    return version


def run_jobs(kind: Kind, version: PublishedVersion) -> None:
    for subject in kind.subjects(version):
        kind.run(str(subject))
    version.refresh_from_db()


@KINDS
def test_the_job_of_the_approval_publishes_in_the_name_of_who_approved(kind: Kind, second: User) -> None:
    version = approved(kind, second)
    jobs = Job.objects.filter(kind=kind.job, state="waiting", subject__in=[str(each) for each in kind.subjects(version)])
    assert jobs.count() == len(kind.subjects(version))
    run_jobs(kind, version)
    assert (version.state, version.published_by, version.effective_date) == ("published", second, timezone.localdate())
    assert version.has_documents()
    run_jobs(kind, version)
    assert version.state == "published", "run twice it publishes once"


@PRINTED
def test_a_version_whose_pdf_failed_is_not_published(kind: Kind, second: User, monkeypatch: pytest.MonkeyPatch) -> None:
    version = approved(kind, second)

    def fail(**_arguments: Any) -> Any:
        raise RenderFailed("out of memory")

    monkeypatch.setattr("pdf.render", fail)
    with pytest.raises(Exception, match="out of memory"):
        run_jobs(kind, version)
    assert kind.clock(timezone.now()) is None
    version.refresh_from_db()
    assert (version.state, version.has_documents()) == ("approved", False)
    monkeypatch.undo()
    run_jobs(kind, version)
    assert version.state == "published"


@PRINTED
def test_publishing_by_hand_asks_for_the_pdfs_too(kind: Kind, second: User) -> None:
    version = approved(kind, second)
    module = {"measures": toms.publication, "subprocessors": subprocessors.publication, "agreement": dpa.publication}[kind.name]
    with pytest.raises(publishing.services.PdfMissing):
        module.put_into_force(version, by=second, at=timezone.now())  # type: ignore[arg-type]


@KINDS
def test_a_planned_publication_waits_for_its_day(kind: Kind, second: User) -> None:
    version = approved(kind, second, days=10)
    run_jobs(kind, version)
    assert version.state == "approved"
    assert kind.clock(timezone.now() + timedelta(days=9)) is None
    published = kind.clock(timezone.now() + timedelta(days=10))
    assert published == version
    assert published.effective_date == timezone.localdate() + timedelta(days=10)


@KINDS
def test_a_planned_publication_can_be_withdrawn(kind: Kind, second: User) -> None:
    version = approved(kind, second, days=10)
    run_jobs(kind, version)
    kind.reopen(version, second)
    assert kind.clock(timezone.now() + timedelta(days=10)) is None
    version.refresh_from_db()
    assert (version.state, version.number, version.approved_by) == ("draft", "", None)


@KINDS
def test_whoever_edited_a_draft_that_another_began_does_not_approve_it(kind: Kind, second: User) -> None:
    author = customers.staff("editor")
    draft = kind.plan(kind.start(author), timezone.localdate(), second)
    with pytest.raises(publishing.services.AuthorMayNotApprove):
        kind.approve(draft, second)
