"""The description of the API says how to sign in, and is made without a doubt of its maker."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
BEARER = {"type": "http", "scheme": "bearer"}


def test_every_operation_that_wants_to_know_who_asks_says_how_to_sign_in(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    schema = client.get("/api/v1/schema/", headers={"accept": "application/json"}).json()
    schemes, without = schema["components"]["securitySchemes"], set()
    assert schemes["tokenUnderAgreement"] == schemes["tokenOfDeletion"] == BEARER
    for address, operations in schema["paths"].items():
        for operation in operations.values():
            named = {name for way in operation.get("security", []) for name in way}
            assert named <= schemes.keys(), address
            without |= set() if named else {address}
    for address in without:
        assert client.get(address.replace("{", "").replace("}", "")).status_code not in (401, 403), address
    assert {"/api/v1/subscriptions/", "/api/v1/deletion/requests/"} <= schema["paths"].keys() - without
    assert "Warning" not in capsys.readouterr().err
