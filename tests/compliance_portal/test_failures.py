"""The pages for things gone wrong, in both languages."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.utils.translation import override

from compliance_portal import views
from tests.factories import customers

pytestmark = pytest.mark.django_db
WORDS = {
    "not_found": {"de": "Seite nicht gefunden", "en": "Page not found"},
    "permission_denied": {"de": "Dafür brauchen Sie eine andere Rolle", "en": "You need another role for this"},
    "server_error": {"de": "Der Dienst ist gerade gestört", "en": "There is a problem with the service"},
    "bad_request": {"de": "Die Anfrage war nicht lesbar", "en": "The request could not be read"},
    "csrf_failure": {"de": "Das Formular ist abgelaufen", "en": "The form has expired"},
}


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_unknown_address_leads_on_in_the_right_language(client: Client, language: str) -> None:
    customers.provider()
    response = client.get(f"/{language}/no-such-page/")
    html = response.content.decode()
    assert response.status_code == 404
    assert WORDS["not_found"][language] in html
    other = "en" if language == "de" else "de"
    assert f'href="/{other}/no-such-page/"' in html
    assert not response.cookies


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_refusal_names_its_reason(rf: RequestFactory, language: str) -> None:
    with override(language):
        response = views.permission_denied(rf.get(f"/{language}/x/"), PermissionDenied("Ask the owner."))
    assert response.status_code == 403
    assert WORDS["permission_denied"][language] in response.content.decode()
    assert "Ask the owner." in response.content.decode()


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_for_a_broken_service_asks_no_database(rf: RequestFactory, language: str, django_assert_num_queries: object) -> None:
    request = rf.get(f"/{language}/x/")
    request.request_id = "0123abcd"  # type: ignore[attr-defined]
    with override(language), django_assert_num_queries(0):  # type: ignore[operator]
        response = views.server_error(request)
    assert response.status_code == 500
    assert f'<html lang="{language}">' in response.content.decode()
    assert WORDS["server_error"][language] in response.content.decode()
    assert "0123abcd" in response.content.decode()


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_unreadable_request_gets_a_page_without_queries(rf: RequestFactory, language: str, django_assert_num_queries: object) -> None:
    with override(language), django_assert_num_queries(0):  # type: ignore[operator]
        response = views.bad_request(rf.get("/"), ValueError())
    assert response.status_code == 400
    assert WORDS["bad_request"][language] in response.content.decode()


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_form_without_its_token_says_that_nothing_was_saved(language: str) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(f"/{language}/login/", {"login": "a@example.com", "password": "x"})
    assert response.status_code == 403
    assert WORDS["csrf_failure"][language] in response.content.decode()


@pytest.mark.parametrize("path", ["/api/v1/no-such-thing/"])
def test_machines_get_problem_details(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 404
