"""The ledger of erasures is another database than the portal's: one restored backup must never take back both."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks

from deletion import ledger

PORTAL = {"HOST": "db.example.com", "PORT": 5432, "NAME": "portal"}


@pytest.mark.parametrize(
    ("of_ledger", "is_demo", "said"),
    [
        ({}, False, ["deletion.E002"]),
        ({}, True, ["deletion.E002"]),
        ({"HOST": "DB.example.com", "PORT": ""}, False, ["deletion.E002"]),
        ({"NAME": "ledger"}, False, ["deletion.W002"]),
        ({"NAME": "ledger"}, True, []),
        ({"HOST": "ledger.example.com"}, False, []),
        ({"PORT": "5433"}, False, []),
    ],
)
def test_the_same_database_is_an_error_and_the_same_server_a_warning(
    settings: Any, monkeypatch: pytest.MonkeyPatch, of_ledger: dict[str, Any], is_demo: bool, said: list[str]
) -> None:
    settings.DEMO, settings.TESTING = is_demo, False
    monkeypatch.setattr(ledger.settings, "DATABASES", {"default": PORTAL, "ledger": {**PORTAL, **of_ledger}})
    assert [message.id for message in ledger.check_addresses()] == said


@pytest.mark.django_db(databases=["default", "ledger"])
def test_two_names_of_one_database_are_found_by_asking_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ledger.check_identities(databases=["default"]) == []
    assert ledger.check_identities(databases=None) == []
    monkeypatch.setattr(ledger, "ALIAS", "default")
    assert [message.id for message in ledger.check_identities(databases=["default"])] == ["deletion.E003"]


def test_the_check_runs_with_every_command_and_this_installation_passes(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [message for message in run_checks() if (message.id or "").startswith("deletion")]
    monkeypatch.setattr(
        ledger.settings, "DATABASES", {"default": configured.DATABASES["default"], "ledger": configured.DATABASES["default"]}
    )
    assert "deletion.E002" in [message.id for message in run_checks()]
