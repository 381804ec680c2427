"""Registers as tables: CSV files whose cells no spreadsheet takes for a formula."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# What a spreadsheet may take for a formula's beginning: = + - @ (OWASP, CSV Injection), their full-width forms and the minus sign.
# Tab and line breaks count as well, since they begin a cell when the file is pasted or split again.
TRIGGERS = "=+\\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
# Spreadsheets skip these before they look for a trigger.
SKIPPED = "\\s\"'`\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff"
BEGINS_A_FORMULA = re.compile(f"^(?:[\\t\\r\\n]|[{SKIPPED}]*[{TRIGGERS}])")
# A reader whose list separator is ";" splits a comma-separated file there, so that a formula could begin in the middle of a cell.
BEGINS_BEHIND_A_SEPARATOR = re.compile(f"([;\\t\\r\\n][{SKIPPED}]*)(?=[{TRIGGERS}])")
BEHIND_AN_APOSTROPHE = re.compile(f"([;\\t\\r\\n][{SKIPPED}]*)'(?=[{TRIGGERS}])")


def cell(value: str) -> str:
    """Return the text as one that spreadsheets show and never compute: an apostrophe stands before whatever could begin a formula."""
    text = BEGINS_BEHIND_A_SEPARATOR.sub(r"\1'", CONTROL.sub("", value))
    return f"'{text}" if BEGINS_A_FORMULA.match(text) else text


def plain(value: str) -> str:
    """Return what ``cell`` made the text from, so that a file that was exported here comes back unchanged."""
    text = BEHIND_AN_APOSTROPHE.sub(r"\1", value)
    text = text[1:] if text.startswith("'") else text
    return text if cell(text) == value else value


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return the table as CSV (RFC 4180): UTF-8 with a byte-order mark, without which spreadsheets guess the encoding; every cell quoted."""
    return codecs.BOM_UTF8 + piece([header, *rows])


def piece(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows of a table that is written piece by piece, since it is too long for one."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return file.getvalue().encode()
