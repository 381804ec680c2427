"""J3: an editor prepares a new version, a second person approves, and it is published with its PDFs: whatever is published."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from compliance_portal.sample_people import PASSWORD
from tests.journeys.portal import PATIENCE, Portal
from tests.journeys.watching import Visitor, Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
EDITOR, APPROVER = "editor@example.com", "approver@example.com"
BOTH = pytest.mark.parametrize("has_javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
SUMMARY = {"de": "Schlüssel werden zweimal im Jahr gezählt.", "en": "Keys are counted twice a year."}


@pytest.fixture(scope="module")
def sessions(chromium: Browser, portal: Portal) -> dict[str, Any]:
    """Sign each person in once: a code of the second factor counts once."""
    return {person: signed_in(chromium, portal, person) for person in (EDITOR, APPROVER)}


def signed_in(chromium: Browser, portal: Portal, person: str) -> Any:
    context = chromium.new_context(base_url=portal.address)
    page = context.new_page()
    page.goto("/de/login/")
    page.fill("[name=login]", person)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").first.click()
    codes = context.new_page()
    codes.goto("/demo/codes/")
    code = re.search(re.escape(person) + r"\D*(\d{3}\s?\d{3})", codes.inner_text("body"))
    assert code is not None
    page.fill("[name=code]", code[1].replace(" ", ""))
    with page.expect_navigation():
        page.locator("main form button").first.click()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def people(chromium: Browser, portal: Portal, sessions: dict[str, Any], has_javascript: bool) -> Iterator[dict[str, Page]]:
    """Both at their browsers, which must stay quiet."""
    contexts, watches = [], []
    pages = {}
    for person, state in sessions.items():
        context = chromium.new_context(java_script_enabled=has_javascript, base_url=portal.address, storage_state=state)
        watches.append(Watch(context, portal.address))
        contexts.append(context)
        pages[person] = context.new_page()
    yield pages
    for context in contexts:
        context.close()
    for watch in watches:
        watch.assert_quiet()


@dataclass(frozen=True)
class Published:
    """One of the things that are published: how its draft is written, who is told, and where everybody reads it."""

    name: str
    write: Callable[[Page, str], None]
    told: str
    address: str
    has_pdf: bool = True


def write_measures(page: Page, wording: str) -> None:
    """Make a draft in which one measure reads differently, and stay on its page."""
    page.goto("/de/manage/toms/")
    visitor = Visitor(page)
    visitor.click("button", "Neuen Entwurf anlegen")
    page.goto(page.get_by_role("link", name=re.compile(r"Bearbeiten\s*: PHYS-03")).get_attribute("href") or "")
    page.fill("[name=text_de]", f"Ein Schlüsselverzeichnis hält jede Ausgabe fest {wording}.")
    page.fill("[name=text_en]", f"A key register records every handover {wording}.")
    visitor.click("button", "Im Entwurf speichern")


def write_subprocessors(page: Page, wording: str) -> None:
    page.goto("/de/manage/subprocessors/")
    visitor = Visitor(page)
    visitor.click("button", "Liste bearbeiten")
    visitor.click("link", "Hetzner Online GmbH")
    page.fill("[name=purpose_de]", f"Betrieb der Server {wording}")
    page.fill("[name=purpose_en]", f"Operation of the servers {wording}")
    visitor.click("button", "Im Entwurf speichern")
    page.goto("/de/manage/subprocessors/")


def write_agreement(page: Page, wording: str) -> None:
    page.goto("/de/manage/dpa/")
    visitor = Visitor(page)
    visitor.click("button", "Neuen Entwurf anlegen")
    for language in ("de", "en"):
        field = page.locator(f"[name={language}-body]")
        field.fill(f"{field.input_value().rstrip()}\n5. {wording}.\n")
    visitor.click("button", "Entwurf speichern")


def write_texts(page: Page, wording: str) -> None:
    page.goto("/de/manage/templates/?channel_type=telegram")
    visitor = Visitor(page)
    visitor.click("button", "Neuen Entwurf anlegen")
    page.goto(f"{page.url.partition('?')[0]}?channel_type=telegram")
    page.goto(page.get_by_role("link", name=re.compile(r"Ändern\s*Ihre weiteren Rechte")).get_attribute("href") or "")
    for language in ("de", "en"):
        field = page.locator(f"[name=text_{language}]")
        field.fill(f"{field.input_value()} {wording}.")
    visitor.click("button", "Im Entwurf speichern")


KINDS = [
    Published("measures", write_measures, "Abonnenten per E-Mail", "/tom/v/"),
    Published("subprocessors", write_subprocessors, "Abonnenten per E-Mail", "/subprocessors/v/"),
    Published("agreement", write_agreement, "Abonnenten per E-Mail", "/dpa/v/"),
    Published("texts", write_texts, "Benachrichtigt werden", "/texts/telegram/?version=", has_pdf=False),
]


@BOTH
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_from_the_finished_draft_to_the_published_version_in_four_clicks(
    people: dict[str, Page], portal: Portal, has_javascript: bool, kind: Published
) -> None:
    author, second = Visitor(people[EDITOR]), Visitor(people[APPROVER])
    mark = f"(Stand {int(has_javascript)})"
    kind.write(author.page, mark)

    author.click("link", re.compile(r"Entwurf veröffentlichen|Liste veröffentlichen"))
    assert author.page.locator("ins").first.is_visible(), "the difference is seen on the way"
    author.click("link", "Weiter: einordnen und datieren")
    author.fill("change_note_de", SUMMARY["de"])
    author.fill("change_note_en", SUMMARY["en"])
    author.click("button", "Speichern und Freigabe erbitten")
    check = author.page.url
    for words in (kind.told, SUMMARY["de"], SUMMARY["en"], "eine zweite Person"):
        assert words in author.page.inner_text("main")
    assert not author.page.get_by_role("button", name="freigeben und veröffentlichen").count()

    second.page.goto(newest_link_to_approve(portal, check))
    second.click("button", "freigeben und veröffentlichen")
    assert (author.clicks + second.clicks, author.typed, second.typed) == (4, len(SUMMARY), 0)
    number = wait_until_published(second.page)
    if kind.has_pdf:
        assert "PDF," in second.page.inner_text("main"), "its documents were made before"
    second.page.get_by_role("link", name="Veröffentlichte Fassung lesen").click()
    second.page.wait_for_load_state()
    second.page.goto(f"/de{kind.address}{number}/" if kind.has_pdf else f"/de{kind.address}{number}")
    assert mark in second.page.inner_text("main")
    if kind.has_pdf:
        with second.page.expect_download() as download:
            second.page.locator("main a[href*='.pdf']").first.click()
        assert download.value.path().read_bytes().startswith(b"%PDF-")


def newest_link_to_approve(portal: Portal, check: str) -> str:
    """Return the link that was mailed to the second person for this draft."""
    return portal.link_mailed_to(APPROVER, check.removeprefix(portal.address))


def wait_until_published(page: Page) -> str:
    """Return the number of the version as soon as its page says that it is published."""
    deadline = time.monotonic() + PATIENCE
    while "ist veröffentlicht" not in page.inner_text("h1") and time.monotonic() < deadline:
        time.sleep(0.3)
        page.reload()
    found = re.search(r"Fassung\s([\d.]+)\sist\sveröffentlicht", page.inner_text("h1"))
    assert found is not None
    return found[1]
