"""Somebody who follows every link of a portal and looks at each page as a careful reader would: by rule, not by eye."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import get_language_from_path, override
from playwright.sync_api import BrowserContext, Error, Page

AXE = (Path(__file__).parent.parent / "vendor" / "axe-core" / "axe.min.js").read_text("utf-8")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GOOD_HABITS = ["heading-order", "page-has-heading-one", "empty-heading", "region", "landmark-one-main", "landmark-unique", "skip-link"]
RUN_AXE = """async ([standards, habits]) => {
    const chosen = axe.getRules(standards).map((rule) => rule.ruleId).concat(habits);
    const found = await axe.run(document, { runOnly: { type: "rule", values: chosen }, resultTypes: ["violations"] });
    return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} ${node.html.slice(0, 160)}`));
}"""
LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => link.href)"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Buttons and fields that a thumb has to hit; small ones are for rows of a table, where 36 px are asked.
SMALL_TARGETS = """() => [...document.querySelectorAll("main :is(.btn, button, select, textarea, input, .choice)")]
    .filter((node) => !["hidden", "radio", "checkbox"].includes(node.type))
    .filter((node) => node.checkVisibility() && !node.matches(".link, .vh"))
    .filter((node) => node.getBoundingClientRect().height < (node.matches(".small") ? 36 : 40))
    .map((node) => `target of ${Math.round(node.getBoundingClientRect().height)} px: ${node.outerHTML.slice(0, 120)}`)"""
SAMPLES_OF_A_ROUTE = 1


@dataclass
class Seen:
    """One page as it answered, and what is wrong with it."""

    path: str
    route: str
    status: int
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n  ".join([f"{self.path} ({self.route}, {self.status})", *self.faults])


class Crawler:
    """Walks through one person's portal in one language, one page of each route and of each view that a query chooses."""

    def __init__(self, context: BrowserContext, address: str, language: str, *, area: Collection[str], meant: Mapping[str, int]) -> None:
        self.page: Page = context.new_page()
        self.address, self.language = address, language
        self.area = area  # first words of the paths to follow; none follows all
        self.meant = meant  # pages that are to refuse, with the status
        self.waiting: deque[str] = deque()
        self.met: set[str] = set()
        self.samples: Counter[str] = Counter()

    def walk(self, starts: Iterable[str]) -> Iterator[Seen]:
        """Yield every page and file that the starts lead to, looked at while it is open."""
        for start in starts:
            if start not in self.met:
                self.met.add(start)
                self.waiting.append(start)
        while self.waiting:
            path = self.waiting.popleft()
            yield self.read(path) if urlsplit(path).path.endswith("/") else self.take(path)

    def read(self, path: str) -> Seen:
        try:
            response = self.page.goto(f"{self.address}{path}")
        except Error as error:
            if "Download is starting" in error.message:
                return self.take(path)
            raise
        assert response is not None
        seen = Seen(path, route_of(urlsplit(self.page.url).path), response.status)
        seen.faults += self.faults(seen)
        for link in self.page.evaluate(LINKS):
            self.note(link)
        return seen

    def take(self, path: str) -> Seen:
        """Fetch a file, which the browser would save."""
        status = self.page.request.get(f"{self.address}{path}").status
        return Seen(path, route_of(urlsplit(path).path), status, [] if status == 200 else [f"answers {status}"])

    def note(self, link: str) -> None:
        """Remember where a link leads, unless enough pages of that kind are known."""
        parts = urlsplit(link)
        if f"{parts.scheme}://{parts.netloc}" != self.address:
            return
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        kind = kind_of(parts.path, parts.query)
        if path in self.met or not self.is_ours(parts.path) or self.samples[kind] >= SAMPLES_OF_A_ROUTE:
            return
        self.met.add(path)
        self.samples[kind] += 1
        self.waiting.append(path)

    def is_ours(self, path: str) -> bool:
        """The other language has a walk of its own; the demo's own pages are no part of the portal."""
        if not path.startswith((f"/{self.language}/", "/v/", "/admin/")) or route_of(path) in ("", "account_logout", "admin:logout"):
            return False
        first = path.removeprefix(f"/{self.language}").split("/")[1]
        return not self.area or first in self.area

    def faults(self, seen: Seen) -> list[str]:
        found = [] if seen.status == self.meant.get(seen.path, 200) else [f"answers {seen.status}"]
        wide = self.page.evaluate(TOO_WIDE)
        if wide > 0:
            found.append(f"is {wide} px too wide")
        self.page.evaluate(AXE)
        found += self.page.evaluate(RUN_AXE, [STANDARDS, GOOD_HABITS])
        return found if seen.path.startswith("/admin/") else found + list(self.page.evaluate(SMALL_TARGETS))


def route_of(path: str) -> str:
    """Return the name of the view that answers; Django resolves the tree of one language at a time."""
    with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            return resolve(path).view_name
        except Resolver404:
            return ""


def kind_of(path: str, query: str) -> str:
    """Return the route with the names in the query: pages of one kind look alike."""
    if path.startswith("/admin/"):
        return route_of(path)
    names: list[Any] = sorted(f"{name}={text}" if name == "view" else name for name, text in parse_qsl(query, keep_blank_values=True))
    return f"{route_of(path)}?{'&'.join(names)}"
