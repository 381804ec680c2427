"""What a browser must never do on our pages: complain, break the policy of its contents, or ask another host."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

# Chromium reports the status of the page itself as an error; a page that is meant to answer so names its status.
STATUS_OF_A_PAGE = "Failed to load resource: the server responded with a status of {status} "


class Watch:
    """Collects what went wrong in all pages of a browser's window."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        context.on("request", self.note_request)
        context.on("page", self.follow)

    def follow(self, page: Page) -> None:
        page.on("console", self.note_message)
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))

    def note_message(self, message: ConsoleMessage) -> None:
        """A violation of the policy is told in the console too, without JavaScript as well."""
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.location.get('url', '')}: {message.text}")

    def note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.elsewhere.append(request.url)

    def forgive(self, status: int) -> None:
        """Forget the line on a page that was meant to answer with this status."""
        known = STATUS_OF_A_PAGE.format(status=status)
        self.errors = [error for error in self.errors if known not in error]

    def assert_quiet(self) -> None:
        assert self.errors == []
        assert self.elsewhere == []


class Visitor:
    """Somebody at the browser whose clicks and typed fields are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.typed = 0

    def click(self, role: str, name: str | re.Pattern[str]) -> None:
        """Click, and wait for the page that this leads to."""
        self.clicks += 1
        with self.page.expect_navigation():
            self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    def fill(self, field: str, text: str) -> None:
        self.typed += 1
        self.page.locator(f"[name={field}]").fill(text)

    def forget_counts(self) -> None:
        self.clicks = self.typed = 0
