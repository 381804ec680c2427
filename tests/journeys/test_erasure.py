"""A company deletes its account with all its subscribers, watches it end, and holds a certificate that anybody can check."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import connection
from playwright.sync_api import Browser, Page

from tests.journeys.portal import Portal
from tests.journeys.test_agreement import WORDS, register
from tests.journeys.watching import Visitor, Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PATIENCE = 300  # seconds; the machine may be busy with other tests
SUBSCRIBE = """
INSERT INTO subscriptions_subscription (customer_id, channel_type_id, identifier, identifier_sha256, registered_at,
    topic, opt_in_label, opt_in_sha256, cancelled_through, cancelled_why)
SELECT c.id, (SELECT min(id) FROM privacy_text_channeltype), 'https://push.example.com/' || number,
    encode(sha256(convert_to(c.id || '/' || number, 'UTF8')), 'hex'), now(), '', '', '', '', ''
FROM customers_customer c, generate_series(1, %s) AS number WHERE c.legal_name = %s
"""
ACTIVE = """
INSERT INTO subscriptions_activity (customer_id, subscription_id, kind, message, at)
SELECT s.customer_id, s.id, 'shown', '', now() FROM subscriptions_subscription s JOIN customers_customer c ON c.id = s.customer_id,
    generate_series(1, %s)
WHERE c.legal_name = %s
"""
OVER = "UPDATE deletion_erasurerequest SET requested_at = now() - interval '20 days', not_before = now() WHERE reference = %s"
NEXT_DAY = "UPDATE deletion_erasurerequest SET verify_after = now() WHERE reference = %s AND state = 'waiting'"

NEXT_SLICE = "UPDATE jobs_job SET run_after = now() WHERE key LIKE %s AND state = 'waiting'"


@pytest.fixture
def page(chromium: Browser, portal: Portal) -> Iterator[Page]:
    context = chromium.new_context(base_url=portal.address)
    watch = Watch(context, portal.address)
    yield context.new_page()
    context.close()
    watch.assert_quiet()


def execute(statement: str, *values: Any) -> int:
    """Let days pass and subscribers come, past the pages, in the portal's own database."""
    parameters = {key: value for key, value in connection.get_connection_params().items() if key != "cursor_factory"}
    with closing(psycopg2.connect(**parameters)) as other, other, other.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


@pytest.mark.parametrize("subscribers", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_a_company_deletes_its_account_and_watches_it_end(page: Page, portal: Portal, subscribers: int) -> None:
    company, email = f"Abschied {subscribers} GmbH", f"nora-{subscribers}@abschied.example"
    visitor = Visitor(page)
    register(visitor, "en", company, email, WORDS["en"])
    page.goto(portal.link_mailed_to(email, "/register/confirm/"))
    visitor.click("button", WORDS["en"].confirm)
    assert execute(SUBSCRIBE, subscribers, company) == subscribers
    messages = 10 if subscribers == 100_000 else 1  # shown to each: with few the deletion ends between two looks of the page
    assert execute(ACTIVE, messages, company) == messages * subscribers

    visitor.forget_counts()
    page.goto("/en/account/delete/")  # reachable while the gate is closed
    assert str(subscribers) in digits(page.locator("table").first.inner_text())
    page.locator("[name=data_return][value=waived]").check()
    visitor.fill("company", company)
    visitor.click("button", "Delete account and all data")
    if "/reauthenticate/" in page.url:
        field = page.locator("main [name=password]")
        field.fill("wide rivers carry letters")
        with page.expect_navigation():
            field.press("Enter")
    assert visitor.typed == 1
    reference = page.url.rstrip("/").rpartition("/")[2]
    assert re.fullmatch(r"LA-\d{4}-.{4}-.{4}", reference)
    assert execute(OVER, reference) == 1

    page.goto(portal.link_mailed_to(email, f"/deletion/{reference}/"))
    seen = watched(page, "Everything is deleted and verified")
    assert seen[-1] == 100
    assert seen == sorted(seen)
    if subscribers == 100_000:
        assert any(0 < value < 99 for value in seen), seen
    shown = digits(page.locator("main").inner_text())
    assert str(subscribers) in shown
    assert execute("SELECT FROM subscriptions_subscription s WHERE s.identifier LIKE %s", "https://push.example.com/%") == 0
    answer = page.request.get("/en/account/")
    assert "/login/" in answer.url, "nobody is signed in any more"

    assert execute(NEXT_DAY, reference) == 1
    assert execute(NEXT_SLICE, f"erase:{reference}/%") == 1
    reload_until(page, "The account is deleted")
    page.get_by_role("link", name="check it").click()
    page.wait_for_url("**/v/LZ-*/")
    assert company not in page.content()
    assert "counted at zero" in page.locator("main").inner_text()


def digits(text: str) -> str:
    """Return the text without what groups the digits of its numbers."""
    return re.sub(r"(?<=\d)[,.\u00a0\u202f ](?=\d{3})", "", text)


def watched(page: Page, heading: str) -> list[int]:
    """Look at the bar until the page says this by itself, without being loaded again; return what the bar showed."""
    seen: list[int] = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        bar = page.locator("progress")
        if bar.count():
            seen.append(int(bar.first.get_attribute("value", timeout=2000) or 0))
        if page.locator("h1").inner_text() == heading:
            return seen
        time.sleep(0.2)
    raise AssertionError(f"{heading}: not within {PATIENCE} seconds; the bar showed {sorted(set(seen))}: {page.locator('h1').inner_text()}")


def reload_until(page: Page, heading: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while page.locator("h1").inner_text() != heading:
        assert time.monotonic() < deadline, page.locator("h1").inner_text()
        time.sleep(0.5)
        page.reload()
