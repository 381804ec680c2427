"""The servers of the demo and the tests, as a machine that has none of its own gets them: from the two wheels."""

from __future__ import annotations

from pathlib import Path

import psycopg2
import pytest
import redis

from compliance_portal import embedded, private_postgresql, processes


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the distribution's servers and the addresses of those that run."""
    monkeypatch.setattr(private_postgresql, "DISTRIBUTION", tmp_path / "nothing-installed")
    for variable in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(embedded.shutil, "which", lambda name: None)


@pytest.mark.usefixtures("bare_machine")
def test_a_machine_without_servers_gets_both_from_the_wheels() -> None:
    with embedded.servers(as_owner=True) as addresses:
        connection = psycopg2.connect(addresses["DATABASE_URL"])
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            assert int(cursor.fetchone()[0]) >= 160000
        connection.close()
        valkey = redis.Redis.from_url(addresses["REDIS_URL"])
        assert valkey.ping()
        valkey.close()


@pytest.mark.usefixtures("bare_machine")
def test_configured_servers_are_used_and_none_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/portal")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    with embedded.servers() as addresses:
        assert addresses == {}


@pytest.mark.usefixtures("bare_machine")
def test_a_machine_without_servers_and_wheels_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(processes.EmbeddedFailure, match="no PostgreSQL found"), embedded.servers():
        pass
