"""The process that draws one document: request as JSON on standard input, page count and PDF on standard output.

Started by pdf.rendering alone, one process per document, so that no document can harm or read another.
"""

from __future__ import annotations

import base64
import html
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from pdf.confinement import confine
from pdf.failures import WorkerExit
from pdf.fonts import ASSETS, font_faces, undrawable_characters
from pdf.request import Request


class CharactersUndrawable(Exception):
    """The text has characters for which no bundled font has a glyph (PDF/A forbids the placeholder box)."""


def draw(request: Request) -> tuple[int, bytes]:
    """Return the number of pages and the PDF of a request; the same request gives the same bytes."""
    # Imported here, behind the walls that confine() has put up.
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from pdf.conformance import mark_as_accessible
    from pdf.fetching import BundleFetcher

    fetcher, fonts = BundleFetcher(), FontConfiguration()
    sheets = [
        CSS(string=sheet, url_fetcher=fetcher, font_config=fonts)
        for sheet in (_faces(request.html), (ASSETS / f"{request.stylesheet}.css").read_text("utf-8"))
    ]
    options = {"presentational_hints": False, "pdf_variant": request.variant, "attachments": _attachments(request)}
    document = HTML(string=request.html, url_fetcher=fetcher).render(fonts, stylesheets=sheets, **options)
    if request.variant.startswith("pdf/a-"):
        mark_as_accessible(document.metadata)
    return len(document.pages), document.write_pdf(**options)


def _faces(markup: str) -> str:
    text = html.unescape(markup)
    if undrawable_characters(text):
        raise CharactersUndrawable
    return font_faces(markup, text)


def _attachments(request: Request) -> list[Any]:
    from weasyprint import Attachment

    created_at = datetime.fromisoformat(request.created_at)
    return [
        Attachment(
            string=base64.b64decode(attachment["content"]),
            name=attachment["name"],
            description=attachment["description"],
            relationship=attachment["relationship"],
            created=created_at,
            modified=created_at,
        )
        for attachment in request.attachments
    ]


def answer(request: Request, output: BinaryIO) -> WorkerExit:
    """Draw the request, write the answer and return the exit status that names what went wrong."""
    try:
        pages, content = draw(request)
        output.write(b"%d\n" % pages + content)
        output.flush()
    except MemoryError:
        return WorkerExit.OUT_OF_MEMORY
    except RecursionError:
        return WorkerExit.NESTED_TOO_DEEPLY
    except CharactersUndrawable:
        return WorkerExit.NO_GLYPH
    except OSError:
        return WorkerExit.TOO_LARGE
    except Exception:  # noqa: BLE001 - a traceback could quote the contract; that layout failed is all the parent may know
        return WorkerExit.NOT_DRAWABLE
    return WorkerExit.DRAWN


def main() -> None:
    """Put up the walls, draw, and leave without running any clean-up of the libraries."""
    cpu_seconds, memory_bytes, output_bytes = (int(argument) for argument in sys.argv[1:4])
    scratch = Path(os.environ["TMPDIR"])
    confine(cpu_seconds=cpu_seconds, memory_bytes=memory_bytes, output_bytes=output_bytes, scratch=scratch)
    status = answer(Request(**json.load(sys.stdin.buffer)), sys.stdout.buffer)
    os._exit(status)


if __name__ == "__main__":
    main()
