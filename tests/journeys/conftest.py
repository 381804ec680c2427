from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.portal import Portal, running
from tests.own_database import own_database

# No sandbox: containers that the tests run in refuse the name spaces that it needs.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Take the distribution's Chromium where there is one."""
    found = shutil.which("chromium")
    return {**browser_type_launch_args, "args": FLAGS, **({"executable_path": found} if found else {})}


@pytest.fixture(scope="package")
def portal(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal with the sample's people, which all journeys share; each brings people of its own or changes nothing."""
    folder: Path = tmp_path_factory.mktemp("portal")
    with own_database(django_db_blocker) as name, running(name, folder) as started:
        yield started


@pytest.fixture(scope="session")
def chromium(browser: Browser) -> Browser:
    return browser
