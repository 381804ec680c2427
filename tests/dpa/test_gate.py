"""The gate: every route, every verb, every way of signing in; and the request shapes that other gates let through."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client

from customers.models import CLOSED
from dpa.exemptions import EXEMPT
from tests.dpa.conftest import secret_of
from tests.dpa.routes import VERBS, routes
from tests.factories import customers

pytestmark = pytest.mark.django_db


def test_the_list_of_exemptions_is_closed_and_names_existing_routes(capsys):
    names = {name for name, _path, _callback in routes()}
    assert set(EXEMPT) <= names, set(EXEMPT) - names
    call_command("gate_exemptions")
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(EXEMPT)
    assert len(EXEMPT) == PINNED, "the list of exemptions changed: check each new line's reason, then pin the number"


PINNED = 151


def test_every_exempt_name_belongs_to_one_view_alone():
    views: dict[str, set[int]] = {}
    for name, _path, callback in routes():
        views.setdefault(name, set()).add(id(callback))
    doubled = {name for name in EXEMPT if len(views[name]) > 1}
    assert not doubled


def test_every_public_view_stands_on_the_list():
    public = {name for name, _path, callback in routes() if not getattr(callback, "login_required", True)}
    # REST framework asks for a token itself; the tests of each API ask without the scope
    api = {"api_executed", "api_executed_pdf", "api_channels", "api_channel_text"}
    api |= {name for name in public if name.startswith("api_subscriptions")}
    admin = {name for name in public if name.startswith("admin:")}
    assert public - set(EXEMPT) - api - admin == set()


def test_a_token_learns_where_to_accept_and_may_ask_whether_the_gate_is_open(client: Client, person_of_state):
    authorization = {"HTTP_AUTHORIZATION": f"Bearer {secret_of(person_of_state('never'))}"}
    refusal = client.get("/api/v1/agreement/executed/", **authorization)
    assert refusal["Content-Type"] == "application/problem+json"
    assert (refusal.json()["code"], refusal.json()["accept_url"]) == ("dpa_required", "http://testserver/de/agreement/")
    answer = client.get("/api/v1/agreement/", **authorization)
    assert answer.status_code == 200
    assert answer.json()["open"] is False


def test_an_open_gate_costs_no_query(client: Client, person_of_state, django_assert_num_queries):
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory

    from dpa.middleware import AgreementGate

    person = person_of_state("current")
    request = RequestFactory().get("/de/account/", HTTP_COOKIE="session=x")
    gate = AgreementGate(lambda _request: None)  # type: ignore[arg-type, return-value]
    request.user = person
    with django_assert_num_queries(0):
        assert gate.process_view(request, None, (), {}) is None
    request.user = AnonymousUser()
    with django_assert_num_queries(0):
        assert gate.process_view(request, None, (), {}) is None


def test_the_current_state_passes_at_once(client: Client, person_of_state):
    client.force_login(person_of_state("current"))
    assert client.get("/de/account/").status_code == 200


def test_without_a_published_version_everything_stays_closed(client: Client):
    customers.provider()
    person = customers.owner(customers.customer(agreement_valid_until=CLOSED))
    client.force_login(person)
    assert client.get("/de/account/").status_code == 303
    assert client.get("/de/agreement/").status_code == 503


SHAPES = [
    *({"verb": verb} for verb in VERBS),
    {"headers": {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}},
    {"headers": {"HTTP_HX_REQUEST": "true"}},
    {"headers": {"HTTP_X_HTTP_METHOD_OVERRIDE": "GET"}, "verb": "POST"},
    {"query": "?next=/de/dpa/"},
    *(
        {"path": path}
        for path in ("/de/account", "/de//account/", "/de/./account/", "/de/%61ccount/", "/de/ACCOUNT/", "/de/dpa/../account/")
    ),
    *({"verb": verb, "path": "/api/v1/agreement/executed/"} for verb in VERBS[:6]),
    {"path": "/admin/"},
    {"path": "/admin/customers/user/"},
    {"path": "/en/account/"},
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_shapes_that_pass_other_gates_do_not_pass_ours(client: Client, person_of_state, shape):
    client.force_login(person_of_state("never"))
    path = shape.get("path", "/de/account/") + shape.get("query", "")
    response = client.generic(shape.get("verb", "GET"), path, **shape.get("headers", {}))
    assert response.status_code in (301, 302, 303, 403, 404), response.status_code
    assert b"CANARY" not in response.content
    if response.status_code in (301, 302):
        assert "account" in response["Location"] or "login" in response["Location"]


def test_the_way_back_is_a_path_and_never_a_host(client: Client, person_of_state):
    client.force_login(person_of_state("never"))
    for hostile in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        client.get("/de/agreement/", {"next": hostile})
        assert "agreement_next" not in client.session


def test_the_ways_out_stay_open(client: Client, person_of_state):
    client.force_login(person_of_state("never"))
    for path in (
        "/de/",
        "/de/dpa/",
        "/de/tom/",
        "/de/subprocessors/",
        "/de/logout/",
        "/de/2fa/",
        "/de/help/",
        "/de/account/company/",
        "/de/agreement/",
    ):
        response = client.get(path)
        assert response.status_code in (200, 302), (path, response.status_code)
        assert "agreement" not in response.get("Location", "")
