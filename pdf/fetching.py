"""The only addresses a document can load: files that ship with this package, and data inside the document."""

from __future__ import annotations

import re

from weasyprint.urls import URLFetcher, URLFetcherResponse

from pdf.fonts import FONTS

# A name, never a path: no slash, no leading dot, no percent sign.
BUNDLED_FILE = re.compile(r"bundle:(?P<name>[A-Za-z0-9][A-Za-z0-9_-]*\.ttf)", re.ASCII)


class AddressRefused(ValueError):
    """The address is neither a bundled file nor data."""


class BundleFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint is untyped
    """Answers `bundle:` and `data:`; nothing else is opened, looked up or followed."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return the bundled file or the data; raise AddressRefused for any other address."""
        if match := BUNDLED_FILE.fullmatch(url):
            file = FONTS / match["name"]
            return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": "application/octet-stream"})
        if url[:5].lower() == "data:":
            return super().fetch(url, headers)
        raise AddressRefused("Only bundled files and data addresses can be loaded.")
