"""What a store says that it deleted is certified only as far as it can be true."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.utils import timezone

from deletion import attempts, certifying, connectors, execution, proving, services, stating, stepping
from deletion.connectors import Progress, Transient
from deletion.connectors.service import ServiceConnector
from deletion.models import CaseFile, ErasureRequest, ErasureStep
from tests.deletion.servers import Service
from tests.deletion.test_certificate import Liar, claims, clears, counts
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]
RECORDS = 3


def does_nothing(_store: Liar) -> Progress:
    return Progress("", 0, is_done=True)


def leaves_one(store: Liar) -> Progress:
    store.records -= {"a", "b"}
    return Progress("", 2, is_done=True)


def exaggerates_by_ten(store: Liar) -> Progress:
    store.records -= {"a"}
    return Progress("", 10, is_done=True)


def answers_too_late(store: Liar) -> Progress:
    """Deletes some, and the answer with their number is lost."""
    store.records -= {"a", "b"}
    raise Transient


def keeps_what_has_not_ended(store: Liar) -> Progress:
    """Two records end by themselves before the deletion reaches them."""
    store.records -= {"a", "b"}
    return clears(store)


def certified(monkeypatch: pytest.MonkeyPatch, *passes: Callable[[Liar], Progress]) -> int:
    """Return what the certificate says was deleted in a store that does one thing after the other, and the last one for ever."""
    left = list(passes)

    def erase(store: Liar) -> Progress:
        return (left.pop(0) if len(left) > 1 else left[0])(store)

    people.provider()
    liar = Liar(erase, counts)
    monkeypatch.setattr(connectors, "stores", lambda: {"liar": liar})
    for module in (stepping, proving, certifying, execution, stating):
        monkeypatch.setattr(module, "stores", connectors.stores, raising=False)
    monkeypatch.setattr(attempts, "FIRST_DELAY", datetime.timedelta(0))
    request = erasure.complete(erasure.due(*erasure.account(1)))
    content = json.loads(bytes(request.certificates.get().canonical))
    (number,) = (row["deleted"] for row in content["datasets"] if row["store"] == "liar")
    return int(number)


@pytest.mark.parametrize("first", [does_nothing, claims, leaves_one, exaggerates_by_ten, answers_too_late])
def test_a_store_that_lied_once_and_then_works_is_certified_with_what_there_was(
    monkeypatch: pytest.MonkeyPatch, first: Callable[[Liar], Progress]
) -> None:
    assert certified(monkeypatch, first, clears) == RECORDS


def test_an_answer_that_could_not_be_written_down_is_known_from_the_count_before(monkeypatch: pytest.MonkeyPatch) -> None:
    remember, answers = stepping.remember, list[Progress]()

    def breaks_once(request: ErasureRequest, step: ErasureStep, progress: Progress) -> None:
        answers.append(progress)
        if len(answers) == 1:
            raise OperationalError  # the server was restarted
        remember(request, step, progress)

    monkeypatch.setattr(stepping, "remember", breaks_once)
    assert certified(monkeypatch, clears, does_nothing) == RECORDS


def test_records_that_ended_by_themselves_are_not_certified_as_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert certified(monkeypatch, keeps_what_has_not_ended) == 1


def test_what_a_store_did_before_a_hold_stopped_the_work_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hold comes while the store works: what it did is written down all the same, and nothing more is asked of it."""
    people.provider()
    liar = Liar(clears, counts)
    monkeypatch.setattr(connectors, "stores", lambda: {"liar": liar})
    for module in (stepping, proving, certifying, execution, stating):
        monkeypatch.setattr(module, "stores", connectors.stores, raising=False)
    request, staff = erasure.planned(*erasure.account(1)), people.staff()

    def erases_and_is_paused(store: Liar) -> Progress:
        services.pause(request=request, by=staff, at=timezone.now())
        return clears(store)

    liar.erases = erases_and_is_paused
    request = erasure.run(request)
    assert (request.is_held, request.steps.get(store="liar").deleted) == (True, RECORDS)
    services.resume(request=request, by=staff, at=timezone.now())
    assert erasure.complete(request).steps.get(store="liar").deleted == RECORDS


# --- a service that cancels ------------------------------------------------------------------------------------------


def cancels(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Have the service cancel the first erasure that it is asked about, for ever; return the numbers that it cancelled."""
    monkeypatch.setattr("deletion.connectors.service.POLL_SECONDS", 0.05)
    call, cancelled = ServiceConnector.call, set[str]()

    def answer(self: ServiceConnector, method: str, path: str, content: dict[str, object] | None = None) -> dict[str, object]:
        said, number = call(self, method, path, content), path.rpartition("/")[2]
        if method == "GET" and (not cancelled or number in cancelled):
            cancelled.add(number)
            return {**said, "request_status": "cancelled"}
        return said

    monkeypatch.setattr(ServiceConnector, "call", answer)
    return cancelled


@pytest.mark.parametrize("way", ["the request", "the step"])
def test_an_erasure_that_a_service_cancelled_is_commissioned_anew_when_a_person_tries_again(
    service: str, settings: object, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    people.provider()
    settings.ERASURE_STORES = [f"service={service}"]  # type: ignore[attr-defined]
    cancelled, (company, owner), staff = cancels(monkeypatch), erasure.account(1), people.staff()
    Service.records[str(company.reference)] = 12
    request = erasure.run(erasure.due(company, owner))
    step = request.steps.get(store="service")
    assert (request.state, step.state, cancelled) == ("blocked", "failed", {step.cursor})
    if way == "the request":
        services.retry(request=request, by=staff, at=timezone.now())
    else:
        case = CaseFile.objects.get(erasure=request)
        services.retry_step(case=case, ordinal=step.ordinal, by=staff, at=timezone.now())
    request = erasure.complete(request)
    assert (request.state, request.steps.get(store="service").deleted) == (ErasureRequest.State.COMPLETED, 12)


def test_an_erasure_that_a_service_is_at_keeps_its_number_when_another_step_is_tried_again() -> None:
    people.provider()
    request = erasure.planned(*erasure.account(1))
    request.steps.filter(store="files").update(state="running", cursor="its number", next_attempt_at=timezone.now())
    request.steps.filter(dataset="subscriptions.subscription").update(state="failed", last_error="database", cursor="7")
    execution.block(request, "step_failed", timezone.now())
    services.retry(request=request, by=people.staff(), at=timezone.now())
    assert request.steps.get(store="files").cursor == "its number"
    assert request.steps.get(dataset="subscriptions.subscription").cursor == "7"
