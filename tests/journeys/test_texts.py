"""A visitor fits the sample texts to a channel and takes them away, with and without JavaScript, and with a closed clipboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.portal import Portal
from tests.journeys.watching import Visitor, Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
BOTH = pytest.mark.parametrize("has_javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
CONTENT = "Neues aus dem Norden, etwa dreimal täglich"
CLOSED = "Object.defineProperty(navigator, 'clipboard', { value: { write: () => Promise.reject(new Error('closed')) } });"


@pytest.fixture
def context(chromium: Browser, portal: Portal, has_javascript: bool) -> Iterator[BrowserContext]:
    context = chromium.new_context(java_script_enabled=has_javascript, base_url=portal.address)
    watch = Watch(context, portal.address)
    yield context
    assert context.cookies() == []
    context.close()
    watch.assert_quiet()


@BOTH
def test_a_visitor_answers_three_questions_and_takes_both_texts_away(context: BrowserContext, has_javascript: bool) -> None:
    visitor = Visitor(context.new_page())
    page = visitor.page
    page.goto("/de/texts/telegram/")
    assert page.get_by_text("Muster ohne Rechtsberatung").count() >= 1
    assert page.locator(".note.warn li").count() == 3
    for field, text in (
        ("customer_name", "Kanalhaus GmbH"),
        ("content", CONTENT),
        ("privacy_url", "https://kanalhaus.example/datenschutz"),
    ):
        visitor.fill(field, text)
    visitor.click("button", "Texte anzeigen")
    assert (visitor.clicks, visitor.typed) == (1, 3)
    assert CONTENT in page.locator("#text-passage").inner_text().replace("\xa0", " ")
    for form in ("txt", "html", "md", "docx", "json"):
        assert downloaded(page, f"passage.{form}")
    button = page.get_by_role("button", name="Text kopieren").last
    if has_javascript:
        copied(context, page)
    else:
        assert not button.is_visible()


def downloaded(page: Page, name: str) -> bool:
    address = page.locator(f"a[href*='/{name}?']").get_attribute("href")
    assert address is not None
    answer = page.context.request.get(address)
    return answer.status == 200 and len(answer.body()) > 1000


def copied(context: BrowserContext, page: Page) -> None:
    """One click puts both types on the clipboard; where it is closed, the text is selected and the page says what to do."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Text kopieren").last.click()
    expect(page.locator("#announcements")).to_have_text("Text kopiert")
    types = page.evaluate("async () => (await navigator.clipboard.read())[0].types")
    assert {"text/html", "text/plain"} <= set(types)
    plain = page.evaluate("async () => (await (await navigator.clipboard.read())[0].getType('text/plain')).text()")
    assert CONTENT in plain.replace("\xa0", " ")
    assert "Muster ohne Rechtsberatung" in plain
    other = context.new_page()
    other.add_init_script(CLOSED)
    other.goto(page.url)
    other.get_by_role("button", name="Text kopieren").last.click()
    expect(other.locator("#announcements")).to_contain_text("Text markiert")
    assert CONTENT in other.evaluate("() => getSelection().toString()").replace("\xa0", " ")
