"""J1: a company comes, meets the gate, reads, accepts, and holds the executed agreement with its proof."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Page

from tests.journeys.portal import PATIENCE, Portal
from tests.journeys.watching import Visitor, Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db]  # the second has the database made that the portal copies
PROVIDER = "CleverPush GmbH"


@dataclass(frozen=True)
class Words:
    """What the pages say, by which people find their way."""

    register: str
    confirm: str
    to_acceptance: str
    accept: str
    accepted: str
    refresh: str
    download: str
    version: str
    annexes: tuple[str, ...]


WORDS = {
    "de": Words(
        register="Unternehmen registrieren",
        confirm="E-Mail-Adresse bestätigen",
        to_acceptance="Weiter zur Annahme",
        accept="Vertrag verbindlich annehmen",
        accepted="Vertrag angenommen",
        refresh="Seite aktualisieren",
        download="Angenommenen Vertrag herunterladen",
        version="Fassung",
        annexes=("Anlage 1", "Anlage 2", "Anlage 3", "Anlage 4"),
    ),
    "en": Words(
        register="Register company",
        confirm="Confirm e-mail address",
        to_acceptance="Continue to acceptance",
        accept="Accept the agreement",
        accepted="Agreement accepted",
        refresh="Refresh the page",
        download="Download the executed agreement",
        version="Version",
        annexes=("Annex 1", "Annex 2", "Annex 3", "Annex 4"),
    ),
}
BOTH = pytest.mark.parametrize("has_javascript", [True, False], ids=["with JavaScript", "without JavaScript"])


@pytest.fixture
def page(chromium: Browser, portal: Portal, has_javascript: bool) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=has_javascript, base_url=portal.address)
    watch = Watch(context, portal.address)
    yield context.new_page()
    context.close()
    watch.assert_quiet()


@BOTH
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_company_comes_from_nothing_and_leaves_with_the_executed_agreement(
    page: Page, portal: Portal, language: str, has_javascript: bool, tmp_path: Path
) -> None:
    words, visitor = WORDS[language], Visitor(page)
    company = f"Nordlicht Verlag {language} {int(has_javascript)} GmbH & Co. KG"
    email = f"nora-{language}-{int(has_javascript)}@nordlicht.example"
    register(visitor, language, company, email, words)
    page.goto(portal.link_mailed_to(email, "/register/confirm/"))
    visitor.click("button", words.confirm)

    assert f"/{language}/agreement/" in page.url, "the gate stands behind the confirmed address"
    visitor.forget_counts()
    visitor.click("link", words.to_acceptance)
    assert without_space(company) in without_space(page.locator(".statement").inner_text())
    visitor.click("button", words.accept)

    assert visitor.clicks == 2
    assert visitor.typed == 0
    assert words.accepted in page.locator("h1").inner_text()
    reference = page.locator(".ref").inner_text()
    text_hash = page.locator("dd.mono").first.inner_text()
    file = tmp_path / "executed.pdf"
    executed(page, words).save_as(file)
    assert_complete(text_of(file), words, company, reference, text_hash)


def register(visitor: Visitor, language: str, company: str, email: str, words: Words) -> None:
    visitor.page.goto(f"/{language}/register/")
    entered = {"full_name": "Nora Nordlicht", "function": "CEO", "email": email, "password1": "wide rivers carry letters"}
    entered |= {"legal_name": company, "street": "Hafenstraße 1", "postcode": "20457", "city": "Hamburg"}
    for field, text in entered.items():
        visitor.fill(field, text)
    visitor.click("button", words.register)


def executed(page: Page, words: Words) -> Download:
    """Take the PDF away as soon as the worker has made it; the page offers to look again, with and without JavaScript."""
    deadline = time.monotonic() + PATIENCE
    link = page.get_by_role("link", name=words.download)
    while not link.count() and time.monotonic() < deadline:
        time.sleep(0.3)
        with page.expect_navigation():
            page.get_by_role("link", name=words.refresh).click()
    with page.expect_download() as download:
        link.click()
    return download.value


def text_of(file: Path) -> str:
    """Return the words of the PDF, with no white space: lines break anywhere in it."""
    printed = subprocess.run(["pdftotext", "-enc", "UTF-8", file, "-"], capture_output=True, text=True, check=True).stdout
    return without_space(printed)


def without_space(text: str) -> str:
    return re.sub(r"[\s\u00ad\u200b]+", "", text)  # no-break spaces and soft hyphens too


def assert_complete(printed: str, words: Words, company: str, reference: str, text_hash: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", text_hash)
    for part in (company, "Nora Nordlicht", "Hafenstraße 1", PROVIDER, reference, text_hash, *words.annexes):
        assert without_space(part) in printed, part
    assert re.search(rf"{words.version}\d+\.\d", printed), "the version that was accepted"
