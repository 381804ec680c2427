from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.own_database import own_database as own_database_of


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Commit in a private copy of the test database."""
    with own_database_of(django_db_blocker) as name:
        yield name


@pytest.fixture
def own_ledger(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Commit in a private copy of the ledger of erasures."""
    with own_database_of(django_db_blocker, "ledger") as name:
        yield name
