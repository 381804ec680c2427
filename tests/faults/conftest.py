from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.workers import broker as broker
from tests.faults.workers import start_worker as start_worker
from tests.faults.workers import valkey as valkey
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
