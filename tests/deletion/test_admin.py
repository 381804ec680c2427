"""The admin shows the desk's rows and starts nothing."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deletion import services
from deletion.admin import ReadOnlyAdmin
from deletion.models import CaseFile, ErasureRequest, ErasureStep, LegalHold
from tests.factories import customers as people
from tests.factories import requests

pytestmark = pytest.mark.django_db
SHOWN = [model for model, shown in admin.site._registry.items() if model._meta.app_label == "deletion"]


def test_requests_steps_holds_rules_and_certificates_are_shown_and_each_is_to_read_alone() -> None:
    names = {model.__name__ for model in SHOWN}
    assert {"ErasureRequest", "CaseFile", "ErasureStep", "LegalHold", "RetentionRule", "ErasureCertificate"} <= names
    assert all(isinstance(admin.site._registry[model], ReadOnlyAdmin) for model in SHOWN)


@pytest.mark.parametrize("group", ["support", "legal", "admin"])
def test_whatever_is_posted_to_the_admin_changes_nothing(client: Client, group: str) -> None:
    people.provider()
    staff = people.staff(group)
    people.log_in(client, staff, mfa=True)
    case = services.approve(case=requests.recorded(), by=people.staff("support"), at=timezone.now())
    assert case.erasure is not None
    ErasureStep.objects.create(request=case.erasure, ordinal=1, dataset="store:files", store="files", state="failed")
    services.place_hold(
        customer_reference=case.customer_reference, ground="claims", file_number="1", review_date="2099-01-01", by=staff, at=timezone.now()
    )
    before = [list(model.objects.order_by("pk").values()) for model in (CaseFile, ErasureRequest, ErasureStep, LegalHold)]
    for model in (CaseFile, ErasureRequest, ErasureStep, LegalHold):
        row = model.objects.first()
        assert row is not None
        name = f"admin:deletion_{model._meta.model_name}"
        listed = client.get(reverse(f"{name}_changelist"))
        assert listed.status_code == 200
        assert client.post(reverse(f"{name}_changelist"), {"action": "delete_selected", "_selected_action": row.pk}).status_code in (
            200,
            302,
            403,
        )
        assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
        assert client.post(reverse(f"{name}_change", args=[row.pk]), {"state": "verified"}).status_code == 403
        assert client.post(reverse(f"{name}_add"), {}).status_code == 403
        assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    after = [list(model.objects.order_by("pk").values()) for model in (CaseFile, ErasureRequest, ErasureStep, LegalHold)]
    assert after == before
