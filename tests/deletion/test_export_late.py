"""An export takes its time, and the account may be deleted meanwhile: its file never arrives after the certificate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import Storage, default_storage
from django.utils import timezone

from customers.models import Customer
from deletion import handing_over, returning, services
from deletion.models import AccountExport
from tests.factories import customers as people

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["while it is written", "while it is saved"])
def test_an_account_that_is_closed_while_its_export_is_made_gets_no_file(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """The deletion may have been at the files before the archive arrives, and its certificate may have been issued."""
    company = people.customer()
    export = services.export_account(customer=company, by=people.owner(company), at=timezone.now())
    place, name = (returning, "write") if moment == "while it is written" else (Storage, "save")
    work = getattr(place, name)

    def work_and_close(*arguments: Any, **named: Any) -> Any:
        done = work(*arguments, **named)
        Customer.objects.filter(pk=company.pk).update(closed_at=timezone.now())
        return done

    monkeypatch.setattr(place, name, work_and_close)
    handing_over.make(str(export.reference))
    export.refresh_from_db()
    assert export.state == AccountExport.State.WORKING
    assert not default_storage.exists(handing_over.path_of(export))


def test_a_last_verification_before_an_export_can_be_at_its_end_stops_the_start() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PORTAL_DEMO"}
    needed = {
        "PORTAL_ORIGIN": "https://portal.example.com",
        "SECRET_KEY": "x" * 60,
        "EMAIL_URL": "smtp+tls://user:word@mail.example.com:587",
    }
    assert max(handing_over.LIMITS.values()) < 7 * 3600
    for hours, is_refused in (("6", True), ("7", False)):
        started = subprocess.run(
            [sys.executable, "-c", "import compliance_portal.settings"],
            env={**environment, **needed, "ERASURE_LAST_CHECK_HOURS": hours},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ("ERASURE_LAST_CHECK_HOURS" in started.stderr, bool(started.returncode)) == (is_refused, is_refused), started.stderr
