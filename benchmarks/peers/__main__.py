"""Published packages on rows like those of subscribers, each against one raw DELETE per table of the same rows in the same round.

They are no dependencies of the portal. Run in an environment of their own:

    python -m venv peers && peers/bin/pip install "Django==5.2.*" psycopg2-binary django-gdpr-assist==1.4.2 django-data-purger==0.2.5
    python -m compliance_portal.embedded --owner -- peers/bin/python benchmarks/peers [ROWS] [ROUNDS]

Prints the seconds and, for each package, the speed of the raw DELETE that it reaches; ``make bench`` says the same of the engine.
django-gdpr-assist listens to the deletion of every model, which slows all others down: it has a process of its own.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROWS, ROUNDS = (int(text) for text in (*sys.argv[1:3], *("5000", "3")[len(sys.argv[1:3]) :]))
GROUP = sys.argv[3] if len(sys.argv) > 3 else ""
GROUPS = {"plain": ["django_data_purger"], "assist": ["gdpr_assist"]}
OTHERS = 3


def database(name: str) -> dict[str, Any]:
    parts = urlsplit(os.environ["DATABASE_URL"])
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": parts.username, "PASSWORD": parts.password or "", "HOST": host}


def configure() -> None:
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={"default": database("peers"), "gdpr_log": database("peers_log")},
        DATABASE_ROUTERS=["gdpr_assist.routers.EventLogRouter"] if GROUP == "assist" else [],
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *GROUPS[GROUP], "subscribers"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATA_PURGERS=[],
    )
    sys.path.insert(0, str(Path(__file__).parent))
    django.setup()


@contextlib.contextmanager
def databases() -> Any:
    """Make both databases empty and drop them afterwards."""
    import psycopg2

    parts = urlsplit(os.environ["DATABASE_URL"])
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    with contextlib.closing(psycopg2.connect(dbname="postgres", user=parts.username, password=parts.password, host=host)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            for name in ("peers", "peers_log"):
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                cursor.execute(f'CREATE DATABASE "{name}"')
            yield
            from django.db import connections

            connections.close_all()
            for name in ("peers", "peers_log"):
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def prepare() -> None:
    from django.core.management import call_command

    for alias in ("default", "gdpr_log") if GROUP == "assist" else ("default",):
        call_command("migrate", database=alias, verbosity=0, run_syncdb=True)


FILL = """
TRUNCATE {table} RESTART IDENTITY CASCADE;
INSERT INTO {table} (customer_id, channel_type_id, identifier, identifier_sha256, registered_at, topic)
SELECT 1 + number %% {companies}, 1, 'https://push.example.com/' || md5(number::text) || md5((-number)::text),
    encode(sha256(convert_to(number::text, 'UTF8')), 'hex'), now() - number * interval '1 second', ''
FROM generate_series(1, %s) AS number;
INSERT INTO {children} (customer_id, owner_id, kind)
SELECT customer_id, id, kind FROM {table}, (VALUES ('shown'), ('clicked')) AS kinds (kind) ORDER BY md5(id::text);
"""


def fill(model: Any) -> None:
    """Write the rows of four companies in turn, so that each page holds rows of everybody."""
    from django.db import connection

    table, children = tables(model)
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(table=table, children=children, companies=OTHERS + 1), [ROWS * (OTHERS + 1)])
        for name in (table, children):
            cursor.execute(f"VACUUM (FREEZE, ANALYZE) {name}")
            cursor.execute(f"SELECT count(customer_id) FROM {name} WHERE customer_id > 0")


def tables(model: Any) -> tuple[str, str]:
    """Return the table of the model and of its activity."""
    child = "activity" if model.__name__ == "Subscription" else "registeredactivity"
    return f"subscribers_{model.__name__.lower()}", f"subscribers_{child}"


def timed(model: Any, work: Callable[[], object]) -> float:
    fill(model)
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    left, others = model.objects.filter(customer_id=1).count(), model.objects.exclude(customer_id=1).count()
    if (left, others) != (0, ROWS * OTHERS):
        raise SystemExit(f"{model.__name__}: {left} rows left, {others} of other companies")
    return seconds


def raw(model: Any) -> None:
    from django.db import connection, transaction

    table, children = tables(model)
    with transaction.atomic(), connection.cursor() as cursor:
        for name in (children, table):
            cursor.execute(f"DELETE FROM {name} WHERE customer_id = %s", [1])


def ways_of_the_group() -> dict[str, tuple[Any, Callable[[], object]]]:
    from subscribers.models import Registered, Subscription

    ways: dict[str, tuple[Any, Callable[[], object]]] = {"raw DELETE": (Subscription, lambda: raw(Subscription))}
    if GROUP == "assist":
        return ways | {"django-gdpr-assist 1.4.2": (Registered, lambda: Registered.objects.filter(customer_id=1).delete())}
    from django.utils import timezone
    from django_data_purger.services.data_purger import run_data_purger
    from subscribers.purging import Purger

    return ways | {
        "QuerySet.delete()": (Subscription, lambda: Subscription.objects.filter(customer_id=1).delete()),
        "django-data-purger 0.2.5": (Subscription, lambda: run_data_purger(data_purger=Purger(), dry_run=False, now=timezone.now())),
    }


def measure() -> None:
    configure()
    with databases():
        prepare()
        ways = ways_of_the_group()
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _round in range(ROUNDS):
            for name, (model, work) in ways.items():
                seconds[name].append(timed(model, work))
        limit = statistics.median(seconds["raw DELETE"])
        for name, found in seconds.items():
            middle = statistics.median(found)
            print(
                f"{name:26} {middle:8.3f} s   {limit / middle:7.4f} of the raw DELETE   ({ROWS} rows, two children each, {ROUNDS} rounds)",
                flush=True,
            )


def main() -> None:
    if GROUP:
        measure()
        return
    for group in GROUPS:
        subprocess.run([sys.executable, str(Path(__file__).parent), str(ROWS), str(ROUNDS), group], check=True)


main()
