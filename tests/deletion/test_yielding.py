"""While others write, chunks are short and the pauses between them long; alone, the erasure takes all the time there is."""

from __future__ import annotations

import itertools
import time
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone

from deletion import stepping, yielding
from deletion.models import ErasureRequest, ErasureStep
from subscriptions.models import Subscription
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    taken: list[float] = []
    monkeypatch.setattr(yielding.time, "sleep", taken.append)
    return taken


def count_by(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Let so many transactions write between two looks; other tests write to the same server, so its own numbers say nothing here."""
    numbers = itertools.count(5000, step)
    monkeypatch.setattr(yielding, "next_number", lambda: next(numbers))


def looked() -> yielding.Traffic:
    traffic = yielding.Traffic()
    traffic.look()
    return traffic


def test_every_transaction_that_writes_moves_the_number_on() -> None:
    parameters = {key: value for key, value in connection.get_connection_params().items() if key != "cursor_factory"}
    before = yielding.next_number()
    other = psycopg2.connect(**parameters)
    try:
        with other, other.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
        with other, other.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
    finally:
        other.close()
    assert yielding.next_number() - before >= 2


def test_a_pause_follows_when_others_wrote_and_lasts_by_the_share(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    count_by(monkeypatch, yielding.OWN + 1)
    traffic = looked()
    traffic.give_way(0.009, until=time.monotonic() + 60)
    assert pauses == [pytest.approx(0.009 / yielding.SHARE_BESIDE_OTHERS)]
    assert traffic.aim == yielding.AIM_BESIDE_OTHERS


def test_the_chunk_itself_is_no_traffic(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    count_by(monkeypatch, yielding.OWN)
    traffic = looked()
    traffic.give_way(0.05, until=time.monotonic() + 60)
    assert (pauses, traffic.aim) == ([], yielding.AIM)


def test_a_pause_never_lasts_longer_than_the_slice_or_a_second(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    count_by(monkeypatch, 9)
    for left in (60.0, 0.1, -1.0):
        looked().give_way(50.0, until=time.monotonic() + left)
    longest, until_the_end, over = pauses
    assert longest == yielding.LONGEST_PAUSE
    assert 0 < until_the_end <= 0.1
    assert over == 0


@pytest.mark.parametrize(("writers", "expected"), [(0, 0), (3, 2)])
def test_the_engine_pauses_between_chunks_beside_others_alone(
    writers: int, expected: int, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    people.provider()
    company, owner = erasure.account()
    request = erasure.planned(company, owner)
    monkeypatch.setattr(stepping, "SMALLEST", 10)
    count_by(monkeypatch, yielding.OWN + writers)
    request.steps.exclude(dataset="subscriptions.subscription").update(
        state=ErasureStep.State.VERIFIED, residual=0, verified_at=timezone.now()
    )
    request.steps.update(chunk_size=10)
    step = stepping.claim(request)
    assert step is not None
    monkeypatch.setattr(stepping, "next_size", keep_size)
    stepping.work(ErasureRequest.objects.get(pk=request.pk), step, until=time.monotonic() + 60)
    step.refresh_from_db()
    assert (step.state, step.deleted) == (ErasureStep.State.VERIFIED, 25)
    assert not Subscription.objects.filter(customer=company).exists()
    assert len(pauses) == expected  # the last chunk has five rows and slows nobody


def keep_size(size: int, _seconds: float, *, aim: Any) -> int:
    return size
