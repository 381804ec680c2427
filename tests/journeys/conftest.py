from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.journeys.portal import Portal, running
from tests.own_database import own_database

# No sandbox: containers that the tests run in refuse the name spaces that it needs.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Take the distribution's Chromium where there is one."""
    found = shutil.which("chromium")
    return {**browser_type_launch_args, "args": FLAGS, **({"executable_path": found} if found else {})}


@pytest.fixture(scope="session")
def playwright(django_db_setup: None) -> Iterator[Playwright]:
    """Start Playwright with no connection open, and end it so.

    Beside its running loop Django keeps connections apart from those before and after it; a test database that one of
    them still holds can be neither copied nor dropped.
    """
    connections.close_all()
    with sync_playwright() as started:
        yield started
        connections.close_all()


@pytest.fixture(scope="package")
def portal(playwright: Playwright, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal with the sample's people, which all journeys share; each brings people of its own or changes nothing."""
    folder: Path = tmp_path_factory.mktemp("portal")
    with (
        own_database(django_db_blocker) as name,
        own_database(django_db_blocker, "ledger") as ledger,
        running(name, ledger, folder) as started,
    ):
        yield started


@pytest.fixture(scope="session")
def chromium(browser: Browser) -> Browser:
    return browser
