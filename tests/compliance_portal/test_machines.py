"""What machines ask for: readiness, the theme, the contact for weaknesses."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from compliance_portal import health
from compliance_portal.views import expiry_of_security_txt
from customers.models import Provider
from tests.factories import customers

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


@pytest.fixture
def living_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "canary_age", lambda now: timedelta(seconds=30))


def test_a_portal_with_all_its_parts_is_ready(client: Client, living_jobs: None) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "checks": {"database": "ok", "migrations": "ok", "valkey": "ok", "jobs": "ok", "erasures": "ok"},
    }
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("age", [None, timedelta(minutes=3, seconds=1)])
def test_a_portal_whose_jobs_stand_still_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch, age: timedelta | None) -> None:
    monkeypatch.setattr(health, "canary_age", lambda now: age)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["jobs"] == "failed"


@pytest.mark.parametrize(
    ("check", "name"),
    [
        ("write_to_database", "database"),
        ("require_migrations", "migrations"),
        ("write_to_valkey", "valkey"),
        ("require_ledger_in_step", "erasures"),
    ],
)
def test_a_portal_without_one_part_is_not_ready_and_keeps_the_reason_to_itself(
    client: Client, living_jobs: None, monkeypatch: pytest.MonkeyPatch, check: str, name: str
) -> None:
    def refuse() -> None:
        raise OSError("could not connect to 10.0.0.7 as portal_app")

    monkeypatch.setattr(health, check, refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"][name] == "failed"
    assert "10.0.0.7" not in response.content.decode()


def test_a_database_that_refuses_to_write_is_noticed() -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
        assert health.has_failed("database", health.write_to_database)
        transaction.set_rollback(True)


def test_living_asks_nobody(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert client.get("/livez").status_code == 200


def test_the_theme_holds_the_providers_colour_and_is_cached(client: Client) -> None:
    customers.provider()
    Provider.objects.update(accent_colour="#7a1fa2")
    response = client.get("/theme.css")
    sheet = response.content.decode()
    assert response["Content-Type"] == "text/css"
    assert "public" in response["Cache-Control"]
    assert "--accent: light-dark(#7a1fa2, " in sheet
    assert set(re.findall(r"--[a-z-]+", sheet)) == {"--accent", "--accent-h", "--on-accent"}
    assert client.get("/theme.css", headers={"if-none-match": response["ETag"]}).status_code == 304
    Provider.objects.update(accent_colour="#0a5c72")
    changed = client.get("/theme.css", headers={"if-none-match": response["ETag"]})
    assert changed.status_code == 200
    assert "--accent" not in changed.content.decode()  # the default is the stylesheet's own


def test_the_contact_for_weaknesses_expires_within_a_year(client: Client) -> None:
    customers.provider()
    lines = dict(line.split(": ", 1) for line in client.get("/.well-known/security.txt").content.decode().splitlines())
    assert lines["Contact"].startswith("mailto:")
    expires = datetime.strptime(lines["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=100) < expires - datetime.now(UTC) < timedelta(days=365)


@pytest.mark.parametrize(
    ("now", "expected"),
    [((2026, 1, 31), (2026, 7, 1)), ((2026, 6, 30), (2026, 12, 1)), ((2026, 7, 1), (2027, 1, 1)), ((2026, 12, 31), (2027, 6, 1))],
)
def test_the_expiry_is_the_first_of_the_sixth_month(now: tuple[int, int, int], expected: tuple[int, int, int]) -> None:
    assert expiry_of_security_txt(datetime(*now, tzinfo=UTC)) == datetime(*expected, tzinfo=UTC)
