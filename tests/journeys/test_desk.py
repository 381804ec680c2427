"""J4: support takes the most urgent request from the desk to its deletion; a customer cancels the contract without signing in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from compliance_portal.sample_people import PASSWORD
from tests.journeys.portal import PATIENCE, Portal
from tests.journeys.test_agreement import WORDS, register
from tests.journeys.test_publishing import signed_in
from tests.journeys.watching import Visitor, Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
BOTH = pytest.mark.parametrize("has_javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
SEVEN = ["Neu", "Identität offen", "Wartezeit", "Läuft", "Eingreifen nötig", "Abgeschlossen", "Abgelehnt/Zurückgezogen"]


@pytest.fixture(scope="module")
def support(chromium: Browser, portal: Portal) -> Any:
    """Sign support in once: a code of the second factor counts once."""
    return signed_in(chromium, portal, "support@example.com")


@pytest.fixture
def desk(chromium: Browser, portal: Portal, support: Any, has_javascript: bool) -> Iterator[Page]:
    yield from quiet_page(chromium, portal, java_script_enabled=has_javascript, storage_state=support)


@pytest.fixture
def page(chromium: Browser, portal: Portal, has_javascript: bool) -> Iterator[Page]:
    yield from quiet_page(chromium, portal, java_script_enabled=has_javascript)


def quiet_page(chromium: Browser, portal: Portal, **options: Any) -> Iterator[Page]:
    context = chromium.new_context(base_url=portal.address, **options)
    watch = Watch(context, portal.address)
    yield context.new_page()
    context.close()
    watch.assert_quiet()


def company_comes(chromium: Browser, portal: Portal, name: str, email: str) -> None:
    """Have a company registered by somebody who owns its account."""
    context = chromium.new_context(base_url=portal.address)
    visitor = Visitor(context.new_page())
    register(visitor, "de", name, email, WORDS["de"])
    visitor.page.goto(portal.link_mailed_to(email, "/register/confirm/"))
    visitor.click("button", WORDS["de"].confirm)
    context.close()


def support_comes_to_the_desk(page: Page) -> None:
    """Enter the password anew, as at the beginning of a day's work: approvals ask for it after five minutes."""
    page.goto("/de/reauthenticate/?next=/de/desk/")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    expect(page).to_have_url(re.compile(r"/de/desk/$"))


def record_request(page: Page, company: str, email: str) -> str:
    """Record the owner's letter and return its reference."""
    page.goto("/de/desk/requests/new/")
    page.check("[name=kind][value=account]")
    page.check("[name=source][value=letter]")
    page.fill("[name=company]", company)
    page.fill("[name=email]", email)
    page.select_option("[name=data_return]", "waived")
    page.check("[name=waives_grace]")
    page.get_by_role("button", name="Auftrag erfassen").click()
    return page.locator(".caption .mono").inner_text()


@BOTH
def test_support_takes_the_most_urgent_request_from_the_desk_to_its_deletion(
    desk: Page, chromium: Browser, portal: Portal, has_javascript: bool
) -> None:
    page = desk
    company, email = f"Abschied Verlag {int(has_javascript)} GmbH", f"abschied-{int(has_javascript)}@example.org"
    company_comes(chromium, portal, company, email)
    support_comes_to_the_desk(page)
    reference = record_request(page, company, email)

    page.get_by_role("link", name="Identität nachweisen").click()
    page.check("[name=proof][value=call_back]")
    page.get_by_role("button", name="Identität ist nachgewiesen").click()

    visitor = Visitor(page)
    page.goto("/de/desk/")
    most_urgent = page.locator(".tasks a").first
    visitor.click("link", most_urgent.inner_text())
    assert visitor.clicks == 1
    assert re.search(r"/desk/requests/LA-\d{4}-", page.url)

    page.goto(f"/de/desk/requests/{reference}/")
    visitor.forget_counts()
    visitor.click("link", "Prüfen und freigeben")
    assert "Was gelöscht wird" in page.locator("main").inner_text()
    visitor.fill("reference", reference)
    visitor.click("button", "Freigeben")
    visitor.click("button", "Löschung jetzt beginnen")
    assert (visitor.clicks, visitor.typed) == (3, 1)

    for _look in range(PATIENCE):
        if "Läuft" in page.locator("h1").inner_text() and page.locator("#progress").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    assert "Läuft" in page.locator("h1").inner_text()
    assert page.locator("#progress [role=status]").inner_text().endswith("Uhr.")
    page.goto("/de/desk/requests/")
    words = [option.inner_text() for option in page.locator("[name=status] option").all()][1:]
    assert words == SEVEN


@BOTH
def test_a_contract_is_cancelled_on_two_pages_with_four_fields_and_confirmed_at_once(page: Page, has_javascript: bool) -> None:
    visitor = Visitor(page)
    page.goto("/de/")
    visitor.click("link", "Verträge hier kündigen")
    required = [field.get_attribute("name") for field in page.locator("main form [required]:not([type=radio])").all()]
    choices = {field.get_attribute("name") for field in page.locator("main form [type=radio]").all()}
    chosen = {field.get_attribute("name") for field in page.locator("main form [type=radio]:checked").all()}
    assert required == ["name", "identification", "email"]
    assert choices == chosen, "what has to be chosen is chosen beforehand"
    visitor.fill("name", "Muster Verlag")
    visitor.fill("identification", "K-4711")
    visitor.fill("email", "kuendigung@example.org")
    visitor.click("button", "Jetzt kündigen")
    confirmation = page.locator("main").inner_text()
    assert visitor.clicks == 2
    assert visitor.typed <= 4
    assert "Vertrag endet am" in confirmation
    assert re.search(r"KU-\d{4}-", confirmation)
    with page.expect_download() as download:
        page.get_by_role("link", name="Bestätigung als PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")
