"""J1: every job is one row, written in the transaction that made it necessary; a message carries its number alone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from jobs import services
from jobs.models import Job
from jobs.registry import KINDS, KindTaken, UnknownKind, find, job
from jobs.services import KeyTaken
from tests.jobs.helpers import APPEND, messages, put, raw_messages, register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)


def test_a_job_is_one_row_and_after_the_commit_one_message_with_its_number(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = put()
        assert messages() == []
    assert Job.objects.get().state == Job.State.WAITING
    assert messages() == [[[job.pk], {}]]


def test_a_rolled_back_transaction_leaves_neither_row_nor_message(django_capture_on_commit_callbacks: Any) -> None:
    class Refused(Exception):
        pass

    def change_its_mind() -> None:
        with transaction.atomic():
            put()
            raise Refused

    with django_capture_on_commit_callbacks(execute=True) as callbacks, pytest.raises(Refused):
        change_its_mind()
    assert (Job.objects.count(), callbacks, messages()) == (0, [], [])


def test_the_same_key_is_the_same_job_however_often_it_is_put() -> None:
    assert len({put().pk for _ in range(5)}) == 1
    assert Job.objects.count() == 1


def test_a_key_that_stands_for_other_work_is_refused() -> None:
    put("thing:1", key="one")
    with pytest.raises(KeyTaken):
        put("thing:2", key="one")
    assert Job.objects.get().subject == "thing:1"


def test_a_job_that_is_done_is_not_woken_by_its_key(django_capture_on_commit_callbacks: Any) -> None:
    done = put()
    Job.objects.filter(pk=done.pk).update(state=Job.State.DONE, finished_at=Now())
    with django_capture_on_commit_callbacks(execute=True):
        assert put().state == Job.State.DONE
    assert messages() == []


def test_a_kind_without_code_is_refused_before_anything_is_written() -> None:
    with pytest.raises(UnknownKind, match=r"tests\.nobody"):
        put(kind="tests.nobody")
    assert not Job.objects.exists()


def test_two_functions_cannot_claim_one_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KindTaken):
        job(APPEND)(lambda _subject: None)


def test_a_message_holds_no_more_than_the_number_and_no_time_in_the_future(django_capture_on_commit_callbacks: Any) -> None:
    """No estimated time of arrival: such messages would wait in the worker's memory, and the database knows the time."""
    with django_capture_on_commit_callbacks(execute=True):
        job = put("thing:of-nobody")
    (message,) = raw_messages()
    assert message["headers"]["eta"] is None
    assert message["headers"]["argsrepr"] == f"[{job.pk}]"
    assert "nobody" not in str(message)


def test_a_job_for_later_sends_nothing_until_the_relay_finds_it_due(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        put(run_after=timezone.now() + timedelta(hours=1))
    assert messages() == []


def test_a_row_cannot_contradict_itself() -> None:
    job = put()
    for change in (
        {"state": "lost"},
        {"state": Job.State.RUNNING},
        {"lease_until": Now()},
        {"state": Job.State.DONE},
        {"state": Job.State.DEAD, "finished_at": Now()},
        {"finished_at": Now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.filter(pk=job.pk).update(**change)


def test_every_kind_of_the_portal_has_code_and_is_named_for_its_app() -> None:
    find("jobs.canary")
    of_the_portal = {name: kind for name, kind in KINDS.items() if not kind.work.__module__.startswith("tests.")}
    assert len(of_the_portal) > 10
    for name, kind in of_the_portal.items():
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name)
        assert kind.work.__module__.split(".")[0] == name.split(".")[0]


def test_only_a_dead_job_is_replayed() -> None:
    with pytest.raises(services.NotDead):
        services.replay(job=put())
