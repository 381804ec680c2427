"""An archive that cannot be made, or takes longer than one job has time for: its owner learns it and gets another one."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from deletion import handing_over, returning, services, tasks
from deletion.models import AccountExport
from jobs import execution
from jobs.models import Job
from jobs.registry import find
from tests.deletion.test_erasure_requests import sign_in
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Customer:
    people.provider()
    return people.customer(legal_name="Muster Verlag")


def worked_on(export: AccountExport, kind: str = handing_over.MAKE) -> Job:
    """Do the job's attempts as the workers do, each when its time has come, until it is done or given up."""
    job = Job.objects.get(key=handing_over.key_of(export, kind))
    while job.state not in (Job.State.DONE, Job.State.DEAD):
        Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - datetime.timedelta(seconds=1))
        execution.run(job.pk)
        job.refresh_from_db()
    return job


@pytest.mark.parametrize(
    ("language", "failed", "again"),
    [
        ("en", "The export could not be made", "Make a new export"),
        ("de", "Der Export konnte nicht erstellt werden", "Neuen Export erstellen"),
    ],
)
def test_when_its_job_gave_up_the_page_says_so_and_another_export_is_made(
    client: Client, company: Customer, monkeypatch: pytest.MonkeyPatch, language: str, failed: str, again: str
) -> None:
    sign_in(client, people.owner(company))
    address = f"/{language}/account/export/"
    assert client.post(address).status_code == 302
    export = company.exports.get()

    def fails(*_arguments: Any, **_named: Any) -> None:
        raise OSError

    with monkeypatch.context() as full:
        full.setattr(returning, "write", fails)
        assert worked_on(export).state == Job.State.DEAD
    tasks.keep_going()
    export.refresh_from_db()
    assert export.has_failed
    polled = client.get(address, {"seen": "working-0"}, headers={"HX-Request": "true"}).content.decode()
    for page in (client.get(address).content.decode(), polled):
        assert failed in page
        assert again in page
        assert page.count(f'action="{address}"') == 1
        assert "hx-get" not in page, "nobody waits for it any more"
    assert client.post(address).status_code == 302
    new = company.exports.exclude(pk=export.pk).get()
    assert worked_on(new).state == Job.State.DONE
    new.refresh_from_db()
    assert new.state == AccountExport.State.DONE
    page = client.get(address).content.decode()
    assert failed not in page
    assert f"{address}{new.reference}/" in page


def test_who_asks_before_the_clock_saw_the_dead_job_gets_a_new_export_all_the_same(company: Customer) -> None:
    owner = people.owner(company)
    export = services.export_account(customer=company, by=owner, at=timezone.now())
    Job.objects.update(state="dead", finished_at=timezone.now(), last_error="lost")
    assert services.export_account(customer=company, by=owner, at=timezone.now()) != export
    export.refresh_from_db()
    assert export.has_failed
    handing_over.make(str(export.reference))  # a replay of the dead job makes no second one
    export.refresh_from_db()
    assert export.has_failed


def test_the_time_limit_follows_the_number_of_rows(company: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    for rows in (0, 1_000_000, 5_000_000, 12_000_000, 30_000_000, 150_000_000):
        limit = handing_over.LIMITS[handing_over.kind_for(rows)]
        assert limit >= rows * handing_over.SECONDS_FOR_A_MILLION / 1_000_000, rows
        assert find(handing_over.kind_for(rows)).time_limit == limit
    assert handing_over.kind_for(1_000_000) == handing_over.MAKE
    monkeypatch.setattr(returning, "total", lambda _customer: 12_000_000)
    export = services.export_account(customer=company, by=people.owner(company), at=timezone.now())
    assert worked_on(export).state == Job.State.DONE
    export.refresh_from_db()
    assert (export.state, export.total) == (AccountExport.State.WORKING, 12_000_000)
    assert worked_on(export, handing_over.kind_for(12_000_000)).state == Job.State.DONE
    export.refresh_from_db()
    assert export.state == AccountExport.State.DONE


def test_a_job_whose_time_ran_out_goes_on_under_a_longer_limit_and_fails_when_there_is_none(
    company: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def runs_out(*_arguments: Any, **_named: Any) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(returning, "write", runs_out)
    export = services.export_account(customer=company, by=people.owner(company), at=timezone.now())
    *shorter, longest = handing_over.LIMITS
    assert [worked_on(export, kind).state for kind in shorter] == [Job.State.DONE] * len(shorter)
    assert worked_on(export, longest).state == Job.State.DEAD
    assert handing_over.give_up_dead() == 1
    export.refresh_from_db()
    assert export.has_failed
