"""Requests on the desk for tests: recorded by support, sent by visitors, of accounts large and small."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from customers.models import Customer, User
from deletion import services
from deletion.intake import Asked
from deletion.models import CaseFile
from tests.factories import customers as people


def recorded(company: Customer | None = None, *, by: User | None = None, at: datetime.datetime | None = None, **fields: Any) -> CaseFile:
    """Return a request for the deletion of an account that came by letter from an owner, with everything asked."""
    company = company or people.customer()
    owner = company.people_with("owner").first() or people.owner(company)
    now = at or timezone.now()
    defaults: dict[str, Any] = {
        "kind": "account",
        "source": "letter",
        "customer": company,
        "name": owner.full_name,
        "email": owner.email,
        "data_return": "waived",
        "waives_grace": True,
    }
    case, _code = services.record_case(asked=Asked(**{**defaults, **fields}), received_at=now, by=by or people.staff(), at=now)
    return case


def proven(case: CaseFile, *, by: User | None = None, at: datetime.datetime | None = None) -> CaseFile:
    """Return the request with a proof that an owner wants the start at once."""
    return services.settle_identity(case=case, proof="call_back", by=by or people.staff(), at=at or timezone.now())


def asked(**fields: Any) -> tuple[CaseFile, str]:
    """Return a visitor's request with the code that was mailed."""
    defaults = {"kind": "subscriber_erasure", "source": "public", "email": "visitor@example.com", "identifier": "device-1"}
    now = timezone.now()
    return services.record_case(asked=Asked(**{**defaults, **fields}), received_at=now, by=None, at=now)
