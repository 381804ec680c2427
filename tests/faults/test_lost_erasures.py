"""An erasure by real workers and a real broker: whoever is lost in the middle, time alone brings it to its end."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

import pytest
from django.db.models.functions import Now

from deletion import tasks
from deletion.models import ErasureRequest, ErasureStep
from jobs.models import Job
from tests.faults.workers import Broker, kill
from tests.faults.world import World, let_verifier_read

SUBSCRIBERS = 4000
PATIENCE = 150  # seconds; a lease of the engine's own length runs out within 45 of them


def deleted_of(request: ErasureRequest, dataset: str) -> int:
    return ErasureStep.objects.filter(request=request, dataset=dataset).values_list("deleted", flat=True).first() or 0


class Supervised:
    """A worker that is started again when it ended by itself, as the restart policy of an installation does.

    Celery's own client of the broker may end it: "Unrecoverable error" where the broker goes away with messages that it has not confirmed.
    """

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.start, self.process = start, start()

    def wait_until(self, request: ErasureRequest, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not reached():
            if self.process.poll() is not None:
                self.process = self.start()
            request.refresh_from_db()
            assert time.monotonic() < deadline, (request.state, list(request.events.values_list("code", "dataset", "number")))
            time.sleep(0.02)


@pytest.mark.parametrize("module", ["tests.faults.short", pytest.param("tests.faults.slow", marks=pytest.mark.long)])
def test_an_erasure_goes_on_by_itself_after_a_killed_worker_and_a_broker_that_forgot_everything(
    start_worker: Callable[[str], subprocess.Popen[bytes]], broker: Broker, module: str
) -> None:
    """The first module shortens the times after which a lost worker is given up, the second leaves them as they are."""
    let_verifier_read()
    world = World(SUBSCRIBERS)
    request = world.request()
    first = Supervised(lambda: start_worker(module))
    first.wait_until(request, lambda: deleted_of(request, "subscriptions.activity") > 1000)
    kill(first.process)
    broker.start_again()
    assert deleted_of(request, "subscriptions.activity") < SUBSCRIBERS
    assert ErasureStep.objects.filter(request=request, lease_until__gt=Now()).exists(), "the dead worker's lease stands"
    assert Job.objects.filter(kind=tasks.ADVANCE, state=Job.State.RUNNING, lease_until__gt=Now()).exists()

    second = Supervised(lambda: start_worker(module))
    second.wait_until(request, lambda: deleted_of(request, "subscriptions.subscription") > 1000)
    broker.start_again()
    assert deleted_of(request, "subscriptions.subscription") < SUBSCRIBERS
    second.wait_until(request, lambda: request.state == ErasureRequest.State.COMPLETED)
    world.check(request)
