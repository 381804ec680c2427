"""Measure, print one table, and write it to benchmarks/results.json: ``make bench`` (AREAS="gate ledger" for some of it)."""

from __future__ import annotations

import datetime
import importlib
import json
import os
import pkgutil
import platform
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"
SHARED = {"__main__", "measuring"}


def main(wanted: list[str]) -> int:
    """Run the areas and return 1 when a goal is missed; an area is a module of this folder with ``measure()``."""
    settle()
    from django.core.management import call_command
    from django.test.utils import setup_databases, teardown_databases

    areas = wanted or list(all_areas())
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
        rows = [row for area in areas for row in measured(area)]
    finally:
        teardown_databases(databases, verbosity=0)
    print_table(rows)
    write(rows, areas)
    return 0 if all(row["met"] for row in rows) else 1


def settle() -> None:
    """Set the environment of a run before Django reads it."""
    os.environ["SECRET_KEY"] = "only-for-benchmarks-" + "x" * 50
    os.environ["PORTAL_ORIGIN"] = "https://testserver"
    os.environ["ALLOWED_HOSTS"] = "testserver"
    os.environ["DOCUMENTS_DIR"] = tempfile.mkdtemp(prefix="portal-documents-")
    os.environ["STATIC_ROOT"] = tempfile.mkdtemp(prefix="portal-static-")
    os.environ["LOG_LEVEL"] = "ERROR"
    os.environ["EMAIL_URL"] = "dummymail://"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance_portal.settings")
    import django

    django.setup()


def all_areas() -> Iterable[str]:
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    return (each.name for each in modules if each.name not in SHARED and not each.name.startswith("_"))


def measured(area: str) -> list[dict[str, object]]:
    print(f"Measuring {area} …", flush=True)
    return [goal.as_row() for goal in importlib.import_module(f"benchmarks.{area}").measure()]


def print_table(rows: list[dict[str, object]]) -> None:
    width = max((len(str(row["name"])) for row in rows), default=4)
    print(f"\n{'what':<{width}}  {'measured':>10}  {'goal':<14}  met")
    for row in rows:
        print(f"{row['name']:<{width}}  {row['ratio']:>10}  {row['goal']:<14}  {'yes' if row['met'] else 'NO'}")


def write(rows: list[dict[str, object]], areas: list[str]) -> None:
    """Keep the rows of areas that this run left out; a row belongs to the area that its name begins with."""
    kept: list[dict[str, object]] = json.loads(RESULTS.read_text())["goals"] if RESULTS.exists() else []
    prefixes = tuple(f"{area}:" for area in areas)
    goals = [row for row in kept if not str(row["name"]).startswith(prefixes)] + rows
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    RESULTS.write_text(json.dumps({"measured_on": today, "machine": machine, "goals": goals}, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
