"""J2: somebody who looks after a channel takes the template, answers one question, and carries the texts away; own words stay."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.portal import PATIENCE, Portal
from tests.journeys.test_agreement import WORDS, register
from tests.journeys.watching import Visitor, Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
BOTH = pytest.mark.parametrize("has_javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
CONTENT = "Neues aus dem Norden, etwa dreimal täglich"
OWN_WORDS = "Wir löschen Ihre Anmeldung einen Monat nach der Abmeldung."
NARROW = 320  # CSS pixels
PREVIEW_WITHIN = 400  # milliseconds after the last key, and the server's time


@pytest.fixture
def context(chromium: Browser, portal: Portal, has_javascript: bool) -> Iterator[BrowserContext]:
    context = chromium.new_context(java_script_enabled=has_javascript, base_url=portal.address)
    if has_javascript:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
    watch = Watch(context, portal.address)
    yield context
    context.close()
    watch.assert_quiet()


@pytest.fixture
def visitor(context: BrowserContext, portal: Portal, has_javascript: bool) -> Visitor:
    """Somebody of a new company that has accepted the agreement and has one channel."""
    visitor = Visitor(context.new_page())
    name = f"Kanalhaus {int(has_javascript)} GmbH"
    email = f"karla-{int(has_javascript)}@kanalhaus.example"
    register(visitor, "de", name, email, WORDS["de"])
    visitor.page.goto(portal.link_mailed_to(email, "/register/confirm/"))
    visitor.click("button", WORDS["de"].confirm)
    visitor.click("link", WORDS["de"].to_acceptance)
    visitor.click("button", WORDS["de"].accept)
    visitor.page.goto("/de/channels/new/")
    visitor.page.get_by_label("Web-Push", exact=True).check()
    visitor.fill("name", "Nachrichten im Browser")
    visitor.fill("privacy_url", "https://kanalhaus.example/datenschutz")
    assert not visitor.page.locator("[name=with_template]").is_checked()
    visitor.click("button", "Kanal anlegen")
    visitor.forget_counts()
    return visitor


@BOTH
def test_the_opt_in_texts_and_the_passage_of_a_channel(visitor: Visitor, has_javascript: bool) -> None:
    page = visitor.page
    visitor.click("link", "Texte anpassen")
    assert "Muster ohne Rechtsberatung" in words(page)
    visitor.click("button", "Vorlage verwenden")
    assert visitor.clicks == 2, "from the channel to the inserted template"
    assert "2 von 3 Platzhaltern ausgefüllt" in words(page)

    asked = previews_asked_for(page)
    visitor.fill("answer_content", CONTENT)
    if has_javascript:
        expect(page.locator("#preview")).to_contain_text(CONTENT)
        expect(page.locator("#preview")).to_contain_text("3 von 3 Platzhaltern ausgefüllt")
        assert len(asked) == 1
        type_at_once(page, CONTENT)
        expect(page.locator("#preview")).to_contain_text(CONTENT)
        assert len(asked) == 2, "one round trip for a burst of keys"
        assert pause_before_preview(page) <= PREVIEW_WITHIN
    else:
        assert asked == []
    visitor.click("button", "Text speichern")
    assert visitor.typed == 1, "for a complete text"
    assert CONTENT in words(page.locator("#preview"))
    assert "3 von 3 Platzhaltern ausgefüllt" in words(page)

    visitor.click("link", "Weiter zur Passage")
    visitor.click("button", "Vorlage verwenden")
    assert "Es fehlt" not in words(page), "the answer is asked for once"
    take_away(page, has_javascript)
    embedded(page)
    keep_own_words(visitor)


def previews_asked_for(page: Page) -> list[str]:
    """Return a list that grows by each preview that the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/preview/" in request.url else None)
    return asked


def type_at_once(page: Page, text: str) -> None:
    """Send a key press for each letter without a pause between them; the preview is emptied before, so that only a new one shows the text."""
    page.evaluate(
        """text => {
            document.querySelector("#preview").textContent = "";
            const field = document.querySelector("[name=answer_content]");
            for (let length = 1; length <= text.length; length++) {
                field.value = text.slice(0, length);
                field.dispatchEvent(new Event("input", { bubbles: true }));
            }
        }""",
        text,
    )


def pause_before_preview(page: Page) -> int:
    """Return how many milliseconds the page waits after the last key; whatever comes after is the server's time."""
    trigger = page.locator("#text-form").get_attribute("hx-trigger") or ""
    found = re.fullmatch(r"input delay:(\d+)ms", trigger)
    assert found is not None
    return int(found[1])


def words(where: Page | object) -> str:
    node = where.locator("body") if isinstance(where, Page) else where
    return re.sub(r"[\u00ad]", "", node.inner_text().replace("\xa0", " "))  # type: ignore[attr-defined]


def take_away(page: Page, has_javascript: bool) -> None:
    """Copy with one click in both forms, and six files' worth of forms on the page."""
    links = page.locator(".files a")
    assert links.count() == 6
    button = page.get_by_role("button", name="Text kopieren")
    if not has_javascript:
        assert not button.is_visible()
        return
    button.click()
    expect(page.locator("#announcements")).to_have_text("Text kopiert")
    copied = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const text = async (type) => (await item.getType(type)).text();
            return { types: item.types, html: await text("text/html"), plain: await text("text/plain") };
        }"""
    )
    assert {"text/html", "text/plain"} <= set(copied["types"])
    for form in ("html", "plain"):
        assert CONTENT in copied[form].replace("\xa0", " ")
        assert "Rechtsberatung" in copied[form]


def embedded(page: Page) -> None:
    """The permanent link answers without a cookie, for every origin."""
    address = page.locator("a[href*='/embed/'][href*='.html']").get_attribute("href")
    assert address is not None
    answer = page.context.request.get(address)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers
    assert CONTENT in answer.text()
    assert "Stand: " in answer.text()


def keep_own_words(visitor: Visitor) -> None:
    """Reword a paragraph, have a fact change, and take the update over: two clicks, and the own words stand."""
    page = visitor.page
    passage = page.url
    if not page.locator("[name=text_storage]").is_visible():
        page.locator("summary", has_text="Wortlaut").click()
    page.locator("[name=text_storage]").fill(OWN_WORDS)
    visitor.click("button", "Text speichern")
    assert OWN_WORDS in words(page)

    page.goto("/de/account/company/")
    page.locator("[name=legal_name]").fill("Kanalhaus Nord SE")
    visitor.click("button", "Angaben speichern")
    wait_for_update(page, passage)
    visitor.forget_counts()
    visitor.click("link", "Änderungen ansehen")
    visitor.click("button", "Alle ohne Konflikt übernehmen")
    assert visitor.clicks == 2
    assert OWN_WORDS in words(page)
    assert "Kanalhaus Nord SE" in words(page)
    page.set_viewport_size({"width": NARROW, "height": 800})
    for address in (passage, passage.replace("privacy-text/", "opt-in/texts/"), "/de/channels/"):
        page.goto(address)
        width = page.locator("html").bounding_box()
        assert width is not None
        assert width["width"] <= NARROW


def wait_for_update(page: Page, address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        page.goto(address)
        if page.get_by_role("link", name="Änderungen ansehen").count():
            return
        time.sleep(0.5)
    raise AssertionError("no update was found")
