"""Rate limits count in the cache; each test starts with none. What the verifier may read is granted as in an installation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from deletion import certifying, granting, supplementing
from pdf import Rendered
from tests.deletion.backups import backup as backup
from tests.deletion.servers import keys as keys
from tests.deletion.servers import s3 as s3
from tests.deletion.servers import s3_server as s3_server
from tests.deletion.servers import second_database as second_database
from tests.deletion.servers import service as service
from tests.own_database import own_database as own_database_of


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def verifier(db: None) -> None:
    """Let the verifying role read and the erasing one delete, as ``manage.py secure_database`` does."""
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {settings.DATABASE_VERIFIER_ROLE}")
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {settings.DATABASE_VERIFIER_ROLE}")
        granting.grant(cursor)


@pytest.fixture
def not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the second that drawing a certificate takes; test_certificate.py draws it."""
    for module in (certifying, supplementing):
        monkeypatch.setattr(module, "render", lambda *_arguments: Rendered(content=b"%PDF stand-in", pages=1, sha256="0" * 64))


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
