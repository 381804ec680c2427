"""J5: somebody comes without an account, sees what counts, takes documents away, asks to be told of changes, and ends that again."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Page, Response

from tests.journeys.portal import PATIENCE, Portal
from tests.journeys.watching import Visitor, Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db]  # the second has the database made that the portal copies
PDF_AT_HOME = 3
FIVE = ("Hetzner Online GmbH", "Amazon Web Services EMEA", "Cloudflare, Inc.", "proinity LLC", "MongoDB")
DOCUMENTS = ("/dpa/", "/tom/", "/subprocessors/")


@dataclass(frozen=True)
class Words:
    """What the pages say, by which people find their way."""

    save: str
    all_as_zip: str
    subprocessors: str
    version: str
    germany: str


WORDS = {
    "de": Words(
        save="Als PDF speichern",
        all_as_zip="Alles als ZIP speichern",
        subprocessors="Unterauftragsverarbeiter",
        version=r"Fassung \d",
        germany="Deutschland",
    ),
    "en": Words(
        save="Save as PDF",
        all_as_zip="Save all as ZIP",
        subprocessors="Subprocessors",
        version=r"Version \d",
        germany="Germany",
    ),
}
BOTH = pytest.mark.parametrize("has_javascript", [True, False], ids=["with JavaScript", "without JavaScript"])


@dataclass
class Visit:
    """A visitor's page, and every cookie that an answer wanted to set."""

    page: Page
    cookies: list[str]

    def note(self, response: Response) -> None:
        if cookie := response.header_value("set-cookie"):
            self.cookies.append(f"{response.url}: {cookie}")


@pytest.fixture
def visit(chromium: Browser, portal: Portal, has_javascript: bool) -> Iterator[Visit]:
    context = chromium.new_context(java_script_enabled=has_javascript, base_url=portal.address)
    watch = Watch(context, portal.address)
    started = Visit(context.new_page(), [])
    started.page.on("response", started.note)
    yield started
    assert context.cookies() == []
    assert started.cookies == []
    context.close()
    watch.assert_quiet()


def take(page: Page, name: str, position: int = 0) -> Download:
    """One click, and the file is there."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).nth(position).click()
    return download.value


def open_home(page: Page, language: str, words: Words) -> None:
    """Open the trust home as soon as the worker has made the three PDFs."""
    deadline = time.monotonic() + PATIENCE
    page.goto(f"/{language}/")
    while page.get_by_role("link", name=words.save).count() < PDF_AT_HOME and time.monotonic() < deadline:
        time.sleep(0.5)
        page.reload()


@BOTH
@pytest.mark.parametrize("language", ["de", "en"])
def test_from_the_home_every_pdf_is_one_click_away_and_so_is_everything_at_once(
    visit: Visit, language: str, has_javascript: bool, tmp_path: Path
) -> None:
    words, page = WORDS[language], visit.page
    open_home(page, language, words)
    text = page.locator("main").inner_text().replace("\xa0", " ").replace("\u00ad", "")
    assert len(re.findall(words.version, text)) >= PDF_AT_HOME, "the version of each document is seen without a click"
    assert words.germany in text, "where data is stored is seen without a click"
    for position in range(PDF_AT_HOME):
        file = tmp_path / f"{position}.pdf"
        take(page, words.save, position).save_as(file)
        assert subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout.count("Tagged:          yes") == 1
    packed = tmp_path / "all.zip"
    take(page, words.all_as_zip).save_as(packed)
    assert_proves_itself(packed)


def assert_proves_itself(packed: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(packed.read_bytes())) as archive:
        sums = [line.split("  ") for line in archive.read("SHA256SUMS").decode().splitlines()]
        assert sum(path.endswith(".pdf") for _digest, path in sums) == 2 * PDF_AT_HOME
        assert all(hashlib.sha256(archive.read(path)).hexdigest() == digest for digest, path in sums)


@BOTH
@pytest.mark.parametrize("language", ["de", "en"])
def test_all_subprocessors_with_their_basis_are_one_click_away(visit: Visit, language: str, has_javascript: bool) -> None:
    words, visitor = WORDS[language], Visitor(visit.page)
    visit.page.goto(f"/{language}/")
    visitor.click("link", words.subprocessors)
    assert visitor.clicks == 1
    rows = visit.page.locator("table tbody tr")
    shown = [row.replace("\u00ad", "").replace("\xa0", " ") for row in rows.all_inner_texts()]
    for company in FIVE:
        row = next((row for row in shown if company in row), "")
        assert row, company
        assert "DSGVO" in row or "GDPR" in row or "EWR" in row or "EEA" in row, f"{company}: no basis of the transfer"


@BOTH
def test_one_field_and_the_mailed_link_subscribe_and_ending_it_is_offered_at_once(
    visit: Visit, portal: Portal, has_javascript: bool
) -> None:
    visitor = Visitor(visit.page)
    address = f"besuch-{int(has_javascript)}@example.org"
    visit.page.goto("/de/subprocessors/subscribe/")
    visitor.fill("email", address)
    visitor.click("button", "Abonnieren")
    assert (visitor.typed, visitor.clicks) == (1, 1)
    assert "E-Mail gesendet" in visit.page.locator("h1").inner_text()
    visit.page.goto(portal.link_mailed_to(address, "/confirm/"))  # the second click is the one in the mail
    assert "Abonnement bestätigt" in visit.page.locator("h1").inner_text()
    visitor.click("link", "Abonnement beenden")
    visitor.click("button", "Abonnement beenden")
    assert visitor.typed == 1


@BOTH
def test_every_page_that_is_public_can_be_read_and_leads_on(visit: Visit, has_javascript: bool) -> None:
    for language in WORDS:
        for path in ("/", *DOCUMENTS, "/documents/", "/updates/", "/dpa/versions/", "/tom/versions/", "/subprocessors/versions/"):
            response = visit.page.goto(f"/{language}{path}")
            assert response is not None
            assert response.status == 200, path
            assert visit.page.locator("h1").count() == 1
