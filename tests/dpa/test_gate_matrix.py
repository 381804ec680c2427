"""Every route by every verb and every way of signing in, for companies that never accepted, accepted an old version, or the current one.

While the gate is closed no view behind it runs, nothing is written and nothing of the company is told; with the current version
the very same requests reach their views.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseNotFound
from django.test import Client
from django.utils import timezone

from compliance_portal import urls
from customers.models import Customer, User
from tests.dpa.conftest import CANARY, MakePerson, secret_of
from tests.dpa.routes import VERBS, exempt, protected, written_statements
from tests.factories import agreement, customers

pytestmark = pytest.mark.django_db
HEADERS = {"session": {}, "session+AJAX": {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}, "session+JSON": {"HTTP_ACCEPT": "application/json"}}
SESSIONS = tuple(HEADERS)
FREE_TEXT_NOT_SEEDED = {"password", "email", "country", "language", "acts_as"}  # hashed, in lower case, or out of a list
# A browser asks for the deletion on a page, which wants the password again; these views want a token whoever asks.
FOR_TOKENS_ALONE = {"api_deletion_requests", "api_deletion_request", "api_deletion_certificate"}
ANYBODY = {"admin:login"}  # behind the gate for people with a session; a token is nobody to a page


def signed_in(person: User, way: str) -> tuple[Client, dict[str, str]]:
    """Return a client and the headers that sign in the person."""
    client = Client()
    if way == "token":
        return client, {"HTTP_AUTHORIZATION": f"Bearer {secret_of(person)}"}
    client.force_login(person)
    return client, HEADERS[way]


def ask_everything(client: Client, headers: dict[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Send every verb to every protected route and yield what came back; what an answer wrote is undone."""
    for name, path, _callback in protected():
        for verb in VERBS:
            with transaction.atomic():
                yield name, verb, client.generic(verb, path, **headers)
                transaction.set_rollback(True)


def tells(response: Any) -> bool:
    """Say whether anything of the company stands in the answer or its headers."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return CANARY.encode() in content.upper() or CANARY in str(response.headers).upper()


@pytest.mark.parametrize("model", [Customer, User])
def test_every_text_of_a_company_and_its_people_is_a_canary(person_of_state: MakePerson, model: type[Customer | User]) -> None:
    person = person_of_state("never")
    row = person if model is User else person.customer
    texts = {field.name for field in model._meta.concrete_fields if field.get_internal_type() in ("CharField", "TextField")}
    for name in texts - FREE_TEXT_NOT_SEEDED:
        assert CANARY in getattr(row, name), name
    assert len(texts - FREE_TEXT_NOT_SEEDED) >= 2


@pytest.mark.parametrize("way", SESSIONS)
@pytest.mark.parametrize("state", ["never", "old"])
def test_a_closed_gate_serves_no_session(person_of_state: MakePerson, reached: list[str], state: str, way: str) -> None:
    client, headers = signed_in(person_of_state(state), way)
    tried = 0
    with written_statements() as written:
        for name, verb, response in ask_everything(client, headers):
            tried += 1
            is_sent_on = way == "session" and verb in ("GET", "HEAD") and not name.startswith("api_")
            assert response.status_code == (303 if is_sent_on else 403), (name, verb)
            assert not tells(response), (name, verb)
            if response.status_code == 303:
                assert response["Location"].startswith("/de/agreement/?next=%2F"), (name, verb)
            elif verb != "HEAD":
                assert response.json()["code"] == "dpa_required", (name, verb)
    assert reached == []
    assert written == []
    assert tried == len(protected()) * len(VERBS) > 1500


@pytest.mark.parametrize("state", ["never", "old"])
def test_a_closed_gate_serves_no_token(person_of_state: MakePerson, reached: list[str], state: str) -> None:
    client, headers = signed_in(person_of_state(state), "token")
    refused = 0
    with written_statements() as written:
        for name, verb, response in ask_everything(client, headers):
            assert not tells(response), (name, verb)
            if name.startswith("api_"):
                assert response.status_code == 403, (name, verb)
                assert response["Content-Type"] == "application/problem+json"
                refused += 1
            elif name not in ANYBODY:
                assert response.status_code == 302, (name, verb)
                assert "/login/" in response["Location"]
    assert set(reached) - ANYBODY - {name for name in reached if name.startswith("admin:")} == set()
    assert written == []
    assert refused >= 2 * len(VERBS)


@pytest.mark.parametrize("way", SESSIONS)
def test_an_agreement_in_force_opens_every_route_to_a_session(person_of_state: MakePerson, reached: list[str], way: str) -> None:
    """The test above could not fail if these requests reached no view anyway."""
    client, headers = signed_in(person_of_state("current"), way)
    told = 0
    for name, verb, response in ask_everything(client, headers):
        assert reached == [name], (name, verb, response.status_code)
        assert response.status_code != 303
        assert b"dpa_required" not in response.getvalue()
        told += tells(response)
        reached.clear()
    assert told, "the canaries are looked for in vain"


def test_an_agreement_in_force_opens_the_api_to_a_token(person_of_state: MakePerson, reached: list[str]) -> None:
    client, headers = signed_in(person_of_state("current"), "token")
    for name, verb, response in ask_everything(client, headers):
        if name.startswith("api_"):
            assert reached == [name], (name, verb, response.status_code)
            assert response.status_code in (200, 400, 404, 405)
        reached.clear()


@pytest.mark.parametrize("way", ["session", "token"])
@pytest.mark.parametrize("state", ["never", "old"])
def test_a_closed_gate_keeps_nobody_from_an_exempt_route(person_of_state: MakePerson, reached: list[str], state: str, way: str) -> None:
    person = person_of_state(state)
    client, headers = signed_in(person, way)
    for name, path, _callback in exempt():
        with transaction.atomic():
            response = client.get(path, **headers)
            transaction.set_rollback(True)
        asks_for_login = way == "token" and response.status_code == 302 and "/login/" in response["Location"]
        asks_for_token = way == "session" and name in FOR_TOKENS_ALONE and response.status_code == 401
        assert name in reached or asks_for_login or asks_for_token, (name, response.status_code)
        reached.clear()


def test_staff_pass_to_their_own_views_alone(person_of_state: MakePerson, reached: list[str]) -> None:
    """A separate policy: staff work on the provider's side; their views ask for a permission and a second factor themselves."""
    person_of_state("never")
    client = Client()
    customers.log_in(client, customers.staff("admin"), mfa=True)
    passed = set()
    for _name, path, _callback in protected():
        with transaction.atomic():
            client.get(path)
            transaction.set_rollback(True)
        passed |= set(reached)
        reached.clear()
    assert passed == {name for name, *_route in protected() if name.startswith(("admin:", "manage", "desk"))}


TRICKS = [
    lambda path: path.rstrip("/") or "/",
    lambda path: path + "/",
    lambda path: path.replace("/", "//"),
    lambda path: "/" + path,
    lambda path: "/." + path,
    lambda path: path + "./",
    lambda path: path + "../",
    lambda path: "/de/dpa/.." + path,
    lambda path: "/de/dpa/%2e%2e" + path,
    lambda path: path.replace("/", "%2f"),
    lambda path: "/" + path[1:].replace("/", "%2F", 1),
    lambda path: path.upper(),
    lambda path: path.title(),
    lambda path: path + ";x=1",
    lambda path: path.replace("/", ";x=1/", 2),
    lambda path: path + "%3Fnext=/de/dpa/",
    lambda path: path.replace("/de/", "/en/", 1),
    lambda path: "/de" + path,
    lambda path: path.rstrip("/") + "x/",
    lambda path: path + "account/",
    lambda path: path + "..;/account/",
    lambda path: path + "\u2025/account/",
    lambda path: path + "x" * 8192 + "/",
    lambda path: path + "\x00/account/",
]


@pytest.mark.parametrize("kind", ["exempt", "protected"])
def test_no_spelling_of_a_path_reaches_a_protected_view(
    person_of_state: MakePerson, reached: list[str], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path is set as a server passes it on; whatever it resolves to, the view decides. A plain 404 stands for the drawn one."""
    client = Client()
    client.force_login(person_of_state("never"))
    assert not tells(client.get("/de/nowhere/"))
    monkeypatch.setattr(urls, "handler404", lambda _request, exception: HttpResponseNotFound())
    behind = {name for name, *_route in protected()}
    paths = sorted({path for _name, path, _callback in (exempt() if kind == "exempt" else protected())})
    assert len(TRICKS) == 24
    for path in paths:
        for number, trick in enumerate(TRICKS):
            with transaction.atomic():
                response = client.generic("GET", "/", PATH_INFO=trick(path).encode().decode("latin-1"))
                transaction.set_rollback(True)
            assert behind.isdisjoint(reached), (number, path, reached)
            assert reached or response.status_code in (301, 302, 303, 400, 401, 403, 404), (number, path, response.status_code)
            assert reached or not tells(response), (number, path)
            reached.clear()


def test_a_script_name_changes_nothing(person_of_state: MakePerson, reached: list[str]) -> None:
    client = Client()
    client.force_login(person_of_state("never"))
    for prefix in ("/de/dpa", "/livez", "/de/agreement"):
        assert client.generic("GET", "/", PATH_INFO="/de/account/", SCRIPT_NAME=prefix).status_code == 303
    assert reached == []


def test_a_method_override_changes_nothing(person_of_state: MakePerson, reached: list[str]) -> None:
    client = Client()
    client.force_login(person_of_state("never"))
    for header in ("HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_METHOD_OVERRIDE", "HTTP_X_HTTP_METHOD"):
        for verb in VERBS:
            assert client.post("/de/account/", {"_method": verb}, **{header: verb}).status_code == 403
    assert reached == []


def test_what_the_row_says_is_what_the_next_request_meets(person_of_state: MakePerson) -> None:
    """No cache and no session remembers an acceptance."""
    person = person_of_state("current")
    client = Client()
    client.force_login(person)
    assert client.get("/de/account/").status_code == 200
    User.objects.filter(pk=person.pk).update(agreement_valid_until="1970-01-01T00:00:00Z")
    assert client.get("/de/account/").status_code == 303
    deadline = timezone.now() + datetime.timedelta(days=30)
    newer = agreement.published(body=agreement.BODY + "\n2. More.\n", must_accept_by=deadline)
    agreement.accept(person.customer, person, newer)
    assert client.get("/de/account/").status_code == 200
