"""Twenty ways to make a renderer fetch or read: none reaches a listener or a file, from any field, with or without cleaning."""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.utils.safestring import SafeString
from PIL import Image
from weasyprint import HTML

import pdf
from pdf.composition import compose
from pdf.fonts import ASSETS
from pdf.request import Request
from pdf.worker import draw
from tests.pdf.agreements import MOMENT, agreement, body, document, figures, party, rendered

SECRET = b"canary-7f3a9c-do-not-print"

VECTORS = {
    "image over http": '<img src="{web}/image.png" alt="x">',
    "image from a file": '<img src="{file}/secret.png" alt="x">',
    "linked stylesheet": '<link rel="stylesheet" href="{web}/sheet.css">',
    "imported stylesheet": '<style>@import url("{web}/sheet.css");</style>',
    "background": '<style>p {{ background: url("{web}/background.png"); }}</style>',
    "font over http": '<style>@font-face {{ font-family: X; src: url("{web}/font.ttf"); }} p {{ font-family: X; }}</style>',
    "embed": '<embed src="{web}/embed.png">',
    "object": '<object data="{web}/object.png"></object>',
    "image within svg": '<svg width="10" height="10"><image href="{web}/svg.png" width="9" height="9"/></svg>',
    "use within svg": '<svg width="10" height="10"><use href="{web}/use.svg#x"/></svg>',
    "attachment link": '<link rel="attachment" href="{file}/secret.txt">',
    "attachment anchor": '<a rel="attachment" href="{file}/secret.txt">x</a>',
    "base address": '<base href="{web}/base/"><img src="relative.png" alt="x">',
    "generated content": '<style>p::before {{ content: url("{web}/content.png"); }}</style>',
    "list marker": '<style>li {{ list-style-image: url("{web}/marker.png"); }}</style><ul><li>x</li></ul>',
    "redirect to an inner address": '<img src="{web}/redirect-inside" alt="x">',
    "redirect to a file": '<link rel="attachment" href="{web}/redirect-file">',
    "style attribute": '<div style="background: url({file}/secret.png) no-repeat; width: 50px; height: 50px">x</div>',
    "svg within data": "<img alt=\"x\" src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E"
    "%3Cimage href='{web}/nested.png' width='9' height='9'/%3E%3C/svg%3E\">",
    "bundle path": '<img src="bundle:../../fetching.py" alt="x"><link rel="attachment" href="bundle:..%2F..%2Ffetching.py">',
}


class Canary:
    """A listener that notes every request, and a folder with secrets beside it."""

    def __init__(self, folder: Path) -> None:
        self.hits: list[str] = []
        self.folder = folder
        (folder / "secret.txt").write_bytes(SECRET)
        Image.new("RGB", (8, 8), (200, 30, 30)).save(folder / "secret.png")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.web = f"http://127.0.0.1:{self.server.server_port}"
        self.file = folder.as_uri()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        canary = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                canary.hits.append(self.path)
                target = {"/redirect-inside": f"{canary.web}/inside", "/redirect-file": f"{canary.file}/secret.txt"}.get(self.path)
                self.send_response(302 if target else 404)
                if target:
                    self.send_header("Location", target)
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        return Handler

    def arm(self, vector: str) -> str:
        return vector.format(web=self.web, file=self.file)

    def leaks(self, content: bytes) -> list[str]:
        """Return what reached the listener or the PDF."""
        with pikepdf.open(BytesIO(content)) as file:
            streams = [found for found in file.objects if isinstance(found, pikepdf.Stream)]
            inside = [
                str(found.get("/Type")) for found in streams if SECRET in found.read_bytes() or b"AddressRefused" in found.read_bytes()
            ]
            pictures = [str(found.Subtype) for found in streams if found.get("/Subtype") == "/Image"]
            return self.hits + inside + pictures + list(file.attachments)


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Canary]:
    listener = Canary(tmp_path)
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Draw where the listener can be reached: the fetcher alone must hold, without the walls of the worker."""
    monkeypatch.setenv("FONTCONFIG_FILE", str(ASSETS / "fontconfig.xml"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def raw(html: str) -> bytes:
    return draw(Request(html, "print", "pdf/a-3a", MOMENT.isoformat(), []))[1]


def test_the_canary_sings_for_an_unguarded_renderer(canary: Canary) -> None:
    page = "".join(canary.arm(vector) for vector in VECTORS.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = HTML(string=f"<p>text</p>{page}").write_pdf()
    leaks = canary.leaks(content)
    assert len(set(canary.hits)) >= 8
    assert "secret.txt" in leaks
    assert "/Image" in leaks


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_the_fetcher_alone_stops_raw_html(canary: Canary, vector: str) -> None:
    content = raw(f'<html lang="de"><title>t</title><body><p>text</p>{canary.arm(vector)}</body></html>')
    assert canary.leaks(content) == []


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_no_field_of_an_agreement_carries_an_address_to_the_renderer(canary: Canary, vector: str) -> None:
    armed = canary.arm(vector)
    context = attacked(armed)
    composed = compose(body=body(context), figures=figures(context), title=armed, author=armed, language="de", created_at=MOMENT)
    loading = re.sub(r">[^<]*<", "><", composed)
    assert canary.web not in re.sub(r'<meta name="author" content="[^"]*">', "", loading)
    assert canary.file not in re.sub(r'<meta name="author" content="[^"]*">', "", loading)
    assert canary.leaks(raw(composed)) == []


def test_all_vectors_at_once_leave_a_finished_document_untouched(canary: Canary) -> None:
    armed = canary.arm("".join(VECTORS.values()))
    content = rendered(attacked(armed), title=armed, author=armed, attachments=()).content
    assert canary.leaks(content) == []


def attacked(armed: str) -> dict[str, Any]:
    """Return an agreement with the attack in its title, reference, company names and text, the text not cleaned before."""
    clause = {"key": "subject", "number": "§ 1", "title": armed, "html": SafeString(f"<p>{armed}</p>")}
    return agreement(
        document=document(title=armed, reference=armed),
        sections=[clause],
        description_sections=[clause],
        parties={"provider": party(armed), "customer": party(armed)},
        measures=[],
        annexes=agreement()["annexes"][:2],
    )


def test_a_figure_cannot_be_borrowed_by_a_text() -> None:
    context = agreement()
    borrowed = {"key": "subject", "number": "§ 1", "title": "x", "html": SafeString('<div data-figure="qr"></div>')}
    with pytest.raises(pdf.DocumentRefused, match="exactly one place"):
        compose(
            body=body(context | {"sections": [borrowed]}),
            figures=figures(context),
            title="t",
            author="a",
            language="de",
            created_at=MOMENT,
        )


def test_head_and_title_are_escaped() -> None:
    composed = compose(
        body="<p>x</p>", figures={}, title="</title><script>1</script>", author='"><img src=x>', language="de", created_at=MOMENT
    )
    assert "<script>" not in composed
    assert "<img" not in composed
