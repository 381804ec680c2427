from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.own_database import own_database as own_database_of

GREETINGS = Path(__file__).parent / "templates"


@pytest.fixture(autouse=True)
def greetings(settings: Any) -> None:
    """Add a kind of mail that only these tests know."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], GREETINGS]}]


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Commit in a private copy of the test database."""
    with own_database_of(django_db_blocker) as name:
        yield name
