"""A change and a publication at the same moment: whichever comes first, what is published is what was approved."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

import publishing.services
from subprocessors import services
from subprocessors.models import SubprocessorList
from tests.factories import registers
from tests.factories.meanwhile import Meanwhile


@pytest.fixture
def approved(own_database: str) -> SubprocessorList:
    draft = publishing.services.apply_from(version=registers.draft_subprocessors(), effective_date=registers.DAY)
    return registers.printed(publishing.services.approve(version=draft, by=registers.editor(), at=registers.AT))


def test_a_publication_waits_for_a_change_and_then_refuses_what_nobody_approved(approved: SubprocessorList) -> None:
    person = registers.editor()
    publication = Meanwhile(
        lambda: services.publish(subprocessor_list=approved, by=person, at=registers.AT),
    )
    with transaction.atomic():
        approved.entries.update(purpose_de="Untergeschoben")
        publication.start_and_wait_until_blocked()
    assert isinstance(publication.finish(), publishing.services.ContentChanged)
    approved.refresh_from_db()
    assert approved.state == "approved"


def test_a_change_waits_for_a_publication_and_is_then_refused(approved: SubprocessorList) -> None:
    late = Meanwhile(lambda: approved.entries.update(purpose_de="Untergeschoben"))
    with transaction.atomic():
        services.publish(subprocessor_list=approved, by=registers.editor(), at=registers.AT)
        late.start_and_wait_until_blocked()
    refusal = late.finish()
    assert isinstance(refusal, DatabaseError)
    assert "belongs to a published version" in str(refusal)
    approved.refresh_from_db()
    assert approved.content_sha256() == approved.sha256
