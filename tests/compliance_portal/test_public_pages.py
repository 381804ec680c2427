"""What every public page promises: no cookie, no third party, strict headers, both languages."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tests.factories import customers

pytestmark = pytest.mark.django_db
PAGES = ["home", "help", "imprint", "privacy", "accessibility", "appearance"]
LANGUAGES = ["de", "en"]
FILES = ["/theme.css", "/robots.txt", "/sitemap.xml", "/.well-known/security.txt", "/livez"]


class References(HTMLParser):
    """Collects what a browser would fetch and what a strict policy would refuse."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag in ("script", "img", "iframe", "source", "video", "object") or (
            tag == "link" and values.get("rel") in ("stylesheet", "icon", "preload", "preconnect", "dns-prefetch")
        ):
            self.fetched.append(values.get("src") or values.get("href") or values.get("data") or "")
        if (
            tag == "style"
            or "style" in values
            or any(name.startswith("on") for name in values)
            or (tag == "script" and not values.get("src") and values.get("type") != "application/json")
        ):
            self.inline.append(tag)


@pytest.fixture(autouse=True)
def provider() -> None:
    customers.provider()


def address(name: str, language: str) -> str:
    with override(language):
        return reverse(name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_public_page_sets_no_cookie_and_opens_no_session(client: Client, name: str, language: str) -> None:
    response = client.get(address(name, language))
    assert response.status_code == 200
    assert not response.cookies
    assert "no-store" not in response.get("Cache-Control", "")
    assert "cookie" in response["Vary"].lower()  # the theme and the session decide what is printed


@pytest.mark.parametrize("path", FILES)
def test_a_file_for_machines_sets_no_cookie(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert not response.cookies


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_public_page_fetches_nothing_from_others_and_holds_nothing_inline(client: Client, name: str, language: str) -> None:
    references = References(client.get(address(name, language)).content.decode())
    assert references.fetched
    assert all(reference.startswith("/") and not reference.startswith("//") for reference in references.fetched)
    assert references.inline == []


@pytest.mark.parametrize("name", PAGES)
def test_a_public_page_carries_the_security_headers(client: Client, name: str) -> None:
    response = client.get(address(name, "de"))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_its_language_and_its_counterpart(client: Client, name: str) -> None:
    html = client.get(address(name, "de") + "?view=list").content.decode()
    assert '<html lang="de"' in html
    assert f'hreflang="en" href="{settings.PORTAL_ORIGIN}{address(name, "en")}"' in html
    assert f'<a href="{address(name, "en")}?view=list" lang="en" hreflang="en">English</a>' in html
    assert '<html lang="en"' in client.get(address(name, "en")).content.decode()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_has_one_heading_of_the_first_level_and_a_title_without_soft_hyphens(client: Client, name: str, language: str) -> None:
    html = client.get(address(name, language)).content.decode()
    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert title is not None
    assert title[1].strip()
    assert "\u00ad" not in title[1]


@pytest.mark.parametrize("name", ["help", "privacy", "accessibility"])
def test_a_long_text_has_the_same_headings_in_both_languages(client: Client, name: str) -> None:
    counts = [re.findall(r"<(h[1-6])", client.get(address(name, language)).content.decode()) for language in LANGUAGES]
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("accepted", "home"), [("en-GB,en;q=0.9", "/en/"), ("de-AT", "/de/"), ("fr", "/de/"), ("", "/de/")])
def test_the_root_leads_to_the_language_that_the_browser_asks_for(client: Client, accepted: str, home: str) -> None:
    response = client.get("/", headers={"accept-language": accepted})
    assert (response.status_code, response["Location"]) == (302, home)
    assert "accept-language" in response["Vary"].lower()
    assert not response.cookies


def test_a_page_without_a_provider_says_so(client: Client) -> None:
    from customers.models import Provider

    Provider.objects.all().delete()
    assert "noch nicht eingetragen" in client.get("/de/imprint/").content.decode()
    assert client.get("/.well-known/security.txt").status_code == 404


def test_the_privacy_notice_names_the_cookies_that_the_settings_name(client: Client) -> None:
    html = client.get("/de/privacy/").content.decode()
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "theme", "messages"):
        assert f">{name}</th>" in html


def test_the_sitemap_lists_each_page_in_both_languages(client: Client) -> None:
    xml = client.get("/sitemap.xml").content.decode()
    for name in [page for page in PAGES if page != "appearance"]:
        for language in LANGUAGES:
            assert f"<loc>{settings.PORTAL_ORIGIN}{address(name, language)}</loc>" in xml
