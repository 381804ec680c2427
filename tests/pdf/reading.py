"""Reads the words of a PDF back through the tables that fonts carry for it, as a screen reader would."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pikepdf

PAIR = re.compile(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>")


def lines_of(content: bytes) -> list[list[str]]:
    """Return the runs of text of each page, in the order of the file."""
    with pikepdf.open(BytesIO(content)) as file:
        return [_lines(page) for page in file.pages]


def _lines(page: pikepdf.Page) -> list[str]:
    fonts = {name: _letters(font) for name, font in page.Resources.get("/Font", {}).items()}
    lines, letters = [], dict[int, str]()
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BT":
                lines.append("")
            case "Tf":
                letters = fonts[str(operands[0])]
            case "TJ":
                lines[-1] += "".join(_decoded(bytes(part), letters) for part in operands[0] if isinstance(part, pikepdf.String))
    return lines


def _letters(font: Any) -> dict[int, str]:
    table = font.ToUnicode.read_bytes().decode("latin-1")
    body = "".join(re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL))
    return {int(glyph, 16): bytes.fromhex(letter).decode("utf-16-be") for glyph, letter in PAIR.findall(body)}


def _decoded(glyphs: bytes, letters: dict[int, str]) -> str:
    return "".join(letters.get(int.from_bytes(glyphs[index : index + 2], "big"), "") for index in range(0, len(glyphs), 2))


def attachments_of(content: bytes) -> dict[str, bytes]:
    """Return what is attached, by its name."""
    with pikepdf.open(BytesIO(content)) as file:
        return {name: attached.get_file().read_bytes() for name, attached in file.attachments.items()}


def searchable(content: bytes) -> str:
    """Return pages, properties and attachments as one text to search in; words that a line broke stand whole, and spaces are left out."""
    with pikepdf.open(BytesIO(content)) as file:
        properties = " ".join(map(str, file.docinfo.values())) + str(file.open_metadata())
    pages = "".join("".join(lines) for lines in lines_of(content))
    attached = b" ".join(attachments_of(content).values()).decode()
    return re.sub(r"[\s\u00ad]", "", f"{pages} {properties} {attached}")
