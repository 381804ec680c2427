"""Erasing an account: the engine against one raw DELETE of the same rows, and what others notice of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from django.db import connection

from benchmarks import _erasure_meanwhile as meanwhile
from benchmarks import _erasure_workers as workers
from benchmarks import _erasure_world as world
from benchmarks.measuring import Goal, at_least, at_most, interleaved
from customers.models import Customer
from deletion import proving
from deletion.models import ErasureRequest

ROWS = int(os.environ.get("ERASURE_ROWS", "200000"))
ROUNDS = int(os.environ.get("ERASURE_ROUNDS", "3"))
MEGABYTE = 1024 * 1024


def measure() -> Iterable[Goal]:
    """Yield the goals of the erasure; times are compared with the limit of the same round."""
    template = world.build(ROWS)
    try:
        yield from speed(template)
        yield from quiet(template)
        yield from with_workers(template)
    finally:
        world.drop(template)
    template = world.build(ROWS // 4, with_children=True)
    try:
        yield from children(template)
    finally:
        world.drop(template)


def on_copy(template: str, way: Callable[[Customer], float], *, snapshot: bool = False) -> Callable[[], float]:
    def run() -> float:
        with world.trial(template) as company:
            if not snapshot:
                return way(company)
            with world.old_snapshot():
                return way(company)

    return run


def speed(template: str) -> Iterable[Goal]:
    ways = {
        "raw": on_copy(template, world.raw),
        "engine": on_copy(template, world.engine),
        "raw, snapshot": on_copy(template, world.raw, snapshot=True),
        "engine, snapshot": on_copy(template, world.engine, snapshot=True),
        "limited, snapshot": on_copy(template, world.limited_chunks, snapshot=True),
    }
    seconds = interleaved(ROUNDS, ways)
    print({name: round(value, 2) for name, value in seconds.items()})
    yield at_least("erasure: leaf table, against one raw DELETE", seconds["raw"] / seconds["engine"], 0.75)
    yield at_least(
        "erasure: with an old snapshot held, against one raw DELETE", seconds["raw, snapshot"] / seconds["engine, snapshot"], 0.6
    )
    yield at_least("erasure: against LIMIT chunks under an old snapshot", seconds["limited, snapshot"] / seconds["engine, snapshot"], 1.0)


def quiet(template: str) -> Iterable[Goal]:
    """What the erasure does to everybody else."""
    with world.trial(template) as company:
        other = Customer.objects.exclude(pk=company.pk).order_by("pk").values_list("pk", flat=True)[0]
        with meanwhile.OtherCustomers(other) as idle:
            idle.ended.wait(8)
        with meanwhile.EveryTransaction() as transactions, meanwhile.OtherCustomers(other) as busy:
            beside = world.engine(company)
            proving.verify_account(ErasureRequest.objects.get())
        print({"idle": idle.milliseconds(), "beside": busy.milliseconds(), "seconds beside others": round(beside, 1)})
        print({"transactions": len(transactions.seconds), "longest": transactions.longest()})
        yield at_most("erasure: p95 of other customers' registrations, against idle", busy.p95() / idle.p95(), 1.2)
        yield at_most("erasure: refused registrations of other customers", busy.errors, 0, "errors")
        yield at_most("erasure: longest transaction", 1000 * max(transactions.seconds)[0], 100, "ms")
        yield at_most("erasure: proof of zero rows by index", 1000 * world.proof(company), 1, "ms")
    with world.trial(template) as company:
        yield at_most("erasure: growth of the worker's memory", world.growth_in_child(lambda: world.engine(company)) / MEGABYTE, 8, "MiB")
        connection.close()
        assert ErasureRequest.objects.exists()


def with_workers(template: str) -> Iterable[Goal]:
    """Through the queue, with every step of the plan and two verifications, against the raw DELETE of the one large table."""
    limit = on_copy(template, world.raw)()
    with world.trial(template) as company:
        others = Customer.objects.exclude(pk=company.pk).order_by("pk")
        through = workers.seconds_through_celery(company)
        yield at_least("erasure: end to end through Celery, against one raw DELETE", limit / through, 0.5)
        yield at_most("erasure: recovery after kill -9 of a whole worker", workers.seconds_until_recovery(others[0]), 90, "s")


def children(template: str) -> Iterable[Goal]:
    """Subscriptions with two rows of activity each."""
    both, keys = (world.CHILDREN, world.TABLE), (world.OF_CHILDREN, world.DATASET)
    ways = {
        "raw": on_copy(template, lambda company: world.raw(company, both)),
        "engine": on_copy(template, lambda company: world.engine(company, keys)),
        "account.delete()": on_copy(template, world.account_delete),
        "QuerySet.delete()": on_copy(template, world.queryset_delete),
    }
    seconds = interleaved(ROUNDS, ways)
    print({name: round(value, 2) for name, value in seconds.items()})
    yield at_least("erasure: with children, against one raw DELETE per table", seconds["raw"] / seconds["engine"], 0.6)
    yield at_least("erasure: times faster than account.delete()", seconds["account.delete()"] / seconds["engine"], 3.5)
    yield at_least("erasure: times faster than QuerySet.delete()", seconds["QuerySet.delete()"] / seconds["engine"], 3.5)
    logged = on_copy(template, world.one_log_row_per_object)()
    yield at_least("erasure: times faster than one log row and one DELETE per object", logged / seconds["engine"], 20)
