"""Every page that a link leads to, for each kind of person: it answers, fits, stays quiet and keeps to WCAG 2.2 AA.

The administration is Django's own: of it the index, a list and a form are looked at.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from compliance_portal.sample_people import PASSWORD
from tests.journeys import lived_in
from tests.journeys.crawling import AXE, Crawler
from tests.journeys.lived_in import Addresses
from tests.journeys.portal import Portal
from tests.journeys.test_publishing import signed_in
from tests.journeys.watching import Watch
from tests.test_architecture import ROOT

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db]
REFUSALS = {"nowhere/": 404, "agreement/i/unknown/": 404, "invitation/unknown/": 404, "updates/subscriptions/unknown/": 410}
VISITOR = ["", "login/", "register/", "password/reset/", "password/reset/sent/", "password/reset/done/", "register/confirm/", "inactive/"]
VISITOR += ["requests/new/", "cancel/", "updates/subscribe/", "updates/subscribe/sent/", "appearance/", *REFUSALS]
CUSTOMER = ["account/", "agreement/", "channels/", "2fa/", "sessions/", "email/", "password/change/", "logout/"]
AT_THE_GATE = [
    "agreement/",
    "account/",
    "agreement/delegate/",
    "agreement/decline/",
    "agreement/declined/",
    "account/export/",
    "account/cancel/",
]
ANYWHERE, OWN_PAGES = (), ("account", "agreement", "channels", "2fa", "sessions", "email", "password", "reauthenticate")
DESKS = ("manage", "desk")
PEOPLE: dict[str, tuple[str, list[str], tuple[str, ...]]] = {
    "visitor": ("", VISITOR, ANYWHERE),
    "owner with an agreement": ("erika.muster@example.com", CUSTOMER, OWN_PAGES),
    "channel owner": ("jan.kanal@example.com", CUSTOMER, OWN_PAGES),
    "owner before the gate": ("lena.beispiel@example.com", AT_THE_GATE, OWN_PAGES),
    "colleague who may not sign": (lived_in.MAY_NOT_SIGN, ["agreement/", "account/", "agreement/delegate/", "2fa/"], OWN_PAGES),
    "owner who leaves": (lived_in.LEAVING_OWNER, CUSTOMER, OWN_PAGES),
    "editor": ("editor@example.com", ["manage/"], DESKS),
    "approver": ("approver@example.com", ["manage/"], DESKS),
    "support": ("support@example.com", ["manage/", "desk/", "desk/bulk/"], DESKS),
    "legal": ("legal@example.com", ["manage/"], DESKS),
}


@dataclass(frozen=True)
class Variant:
    language: str
    theme: Any
    width: int


VARIANTS = [Variant("de", "dark", 320), Variant("en", "light", 1280)]
IN_BOTH = pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: f"{each.language} {each.theme} {each.width}")


@pytest.fixture(scope="module")
def addresses(portal: Portal, django_db_blocker: Any) -> Addresses:
    with django_db_blocker.unblock():
        return lived_in.live_in()


@pytest.fixture(scope="module")
def sessions(chromium: Browser, portal: Portal, addresses: Addresses) -> dict[str, Any]:
    """Sign each person in once: a code of the second factor counts once."""
    return {email: session(chromium, portal, email) for email, _starts, _area in PEOPLE.values() if email}


def session(chromium: Browser, portal: Portal, email: str) -> Any:
    if email in lived_in.STAFF:
        return signed_in(chromium, portal, email)
    context = chromium.new_context(base_url=portal.address)
    page = context.new_page()
    page.goto("/de/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").first.click()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def context(chromium: Browser, portal: Portal, sessions: dict[str, Any], variant: Variant, person: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        storage_state=sessions.get(PEOPLE[person][0]),
        locale={"de": "de-DE", "en": "en-GB"}[variant.language],
        color_scheme=variant.theme,
        viewport={"width": variant.width, "height": 900},
        reduced_motion="reduce",
    )
    yield context
    context.close()


@IN_BOTH
@pytest.mark.parametrize("person", PEOPLE)
def test_every_page_answers_fits_and_keeps_to_the_standard(
    context: BrowserContext, portal: Portal, addresses: Addresses, person: str, variant: Variant
) -> None:
    watch = Watch(context, portal.address)
    email, starts, area = PEOPLE[person]
    more = [*addresses.public, "/v/"] if not email else addresses.of.get(email, [])
    paths = [path if path.startswith("/") else f"/{variant.language}/{path}" for path in [*starts, *more]]
    meant = {f"/{variant.language}/{path}": status for path, status in REFUSALS.items()}
    crawler = Crawler(context, portal.address, variant.language, area=area, meant=meant)
    seen = list(crawler.walk(paths))
    for status in set(REFUSALS.values()):
        watch.forgive(status)
    assert [str(each) for each in seen if each.faults] == []
    watch.assert_quiet()
    assert len(seen) > len(paths)


@IN_BOTH
@pytest.mark.parametrize("person", ["editor"])
def test_the_administration_keeps_to_the_standard(context: BrowserContext, portal: Portal, person: str, variant: Variant) -> None:
    watch = Watch(context, portal.address)
    crawler = Crawler(context, portal.address, variant.language, area=("admin",), meant={})
    paths = ["/admin/", "/admin/customers/channeltype/"]
    for path in paths:
        crawler.page.goto(f"{portal.address}{path}")
    paths.append(crawler.page.locator("#result_list tbody th a").first.get_attribute("href") or "")
    crawler.page.goto(f"{portal.address}{paths[-1]}")
    assert crawler.page.locator("#channeltype_form [type=submit]").count(), "it can be changed here, so that fields are looked at"
    watch.assert_quiet()  # before the checker: it looks into imported style sheets, which the policy refuses to it and reports
    seen = [crawler.read(path) for path in paths]
    assert [str(each) for each in seen if each.faults] == []
    assert watch.elsewhere == []


def test_the_checker_is_the_one_that_is_declared() -> None:
    declared = re.search(
        r"^\| `tests/vendor/axe-core/axe\.min\.js` .* `([0-9a-f]{64})` \|$", (ROOT / "THIRD_PARTY.md").read_text(), re.MULTILINE
    )
    assert declared is not None
    assert hashlib.sha256(AXE.encode()).hexdigest() == declared[1]
