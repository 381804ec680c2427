"""The choice between light and dark, kept in the one cookie that a visitor asks for."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_is_kept_and_printed_by_the_server(client: Client, theme: str) -> None:
    response = client.post("/de/appearance/", {"theme": theme})
    assert (response.status_code, response["Location"]) == (303, "/de/appearance/")
    cookie = response.cookies["theme"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == (theme, "Lax", True)
    assert f'<html lang="de" data-theme="{theme}"' in client.get("/de/").content.decode()


def test_the_systems_own_theme_removes_the_cookie(client: Client) -> None:
    client.post("/de/appearance/", {"theme": "dark"})
    assert client.post("/de/appearance/", {"theme": ""}).cookies["theme"].value == ""
    assert "data-theme" not in client.get("/de/").content.decode()


def test_a_cookie_with_another_value_reaches_no_page(client: Client) -> None:
    client.cookies["theme"] = '"><script>'
    html = client.get("/de/").content.decode()
    assert "data-theme" not in html


def test_an_unknown_theme_is_refused_at_the_field(client: Client) -> None:
    response = client.post("/en/appearance/", {"theme": "sepia"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "There is a problem" in html
    assert 'href="#id_theme_0"' in html
    assert "<title>Error: " in html
    assert not response.cookies
