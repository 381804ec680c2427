"""The spaces that hold and the words that may break."""

from __future__ import annotations

import datetime

import pytest
from django.template import engines
from django.utils.translation import override

from publishing.typography import file_size, to_the_second, with_held_spaces, with_soft_hyphens

GERMAN = [
    ("nach Art. 28 Abs. 3 Satz 1 lit. a DSGVO.", "nach Art._28_Abs._3_Satz_1_lit._a_DSGVO."),
    ("§ 7 und §§ 195, 199 BGB", "§_7 und §§_195, 199_BGB"),
    ("z. B. d. h. u. a. i. V. m. dem Vertrag", "z._B. d._h. u._a. i._V._m. dem Vertrag"),
    ("am 23. November 2026 um 14:05 Uhr", "am 23._November 2026 um 14:05_Uhr"),
    ("Noch 9 Tage, dann 30 Tagen, 1 Monat", "Noch 9_Tage, dann 30_Tagen, 1_Monat"),
    ("PDF, 312 kB, 12 Seiten, 1,5 MB, 50 %", "PDF, 312_kB, 12_Seiten, 1,5_MB, 50_%"),
    ("Muster Verlag GmbH & Co. KG", "Muster Verlag GmbH_&_Co._KG"),
    ("Muster Verlag GmbH &amp; Co. KG", "Muster Verlag GmbH_&amp;_Co._KG"),
    ("Fassung 4.1 und Anlage 2, Seite 3", "Fassung_4.1 und Anlage_2, Seite_3"),
    ("ja – nein", "ja_– nein"),
    ("Nr. 4, Ziff. 2, Rn. 5, Kapitel V", "Nr._4, Ziff._2, Rn._5, Kapitel_V"),
    ("Kunst. 28 Personen kamen am 3. dazu", "Kunst. 28 Personen kamen am 3. dazu"),
]
ENGLISH = [
    ("under Art. 28(3)(a) GDPR", "under Art._28(3)(a)_GDPR"),
    ("Article 28 and Section 7, Clause 3", "Article_28 and Section_7, Clause_3"),
    ("on 23 November 2026 or November 23", "on 23_November 2026 or November_23"),
    ("9 days left, version 4.1, page 3", "9_days left, version_4.1, page_3"),
    ("312 kB, 12 pages", "312_kB, 12_pages"),
    ("at 5 p.m. by Ms Muster", "at 5_p.m. by Ms_Muster"),
    ("a party 28 of us", "a party 28 of us"),
]


@pytest.mark.parametrize(("text", "expected"), GERMAN)
def test_german_text_is_held_together(text: str, expected: str) -> None:
    assert with_held_spaces(text, "de").replace("\u00a0", "_") == expected


@pytest.mark.parametrize(("text", "expected"), ENGLISH)
def test_english_text_is_held_together(text: str, expected: str) -> None:
    assert with_held_spaces(text, "en").replace("\u00a0", "_") == expected


@pytest.mark.parametrize("text", [text for text, _expected in GERMAN + ENGLISH])
def test_only_spaces_change_and_a_second_pass_changes_nothing(text: str) -> None:
    held = with_held_spaces(text, "de")
    assert held.replace("\u00a0", " ") == text
    assert with_held_spaces(held, "de") == held


def test_the_inside_of_a_tag_is_left_alone() -> None:
    assert with_held_spaces('<a title="Art. 28">Art. 28</a>', "de") == '<a title="Art. 28">Art.\u00a028</a>'
    assert with_soft_hyphens('<a title="Unterauftragsverarbeiter">x</a>', "de") == '<a title="Unterauftragsverarbeiter">x</a>'


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Auftragsverarbeitungsvertrag", "Auftrags|verarbeitungs|vertrag"),
        ("Unterauftragsverarbeitern", "Unter|auftrags|verarbeitern"),
        ("DATENSCHUTZERKLÄRUNG", "DATENSCHUTZ|ERKLÄRUNG"),
        ("Vertrag", "Vertrag"),
    ],
)
def test_long_german_words_may_break_where_their_parts_meet(word: str, expected: str) -> None:
    assert with_soft_hyphens(word, "de").replace("\u00ad", "|") == expected
    assert with_soft_hyphens(word, "en") == word


@pytest.mark.parametrize(
    ("size", "language", "expected"),
    [(312_400, "de", "312\u00a0kB"), (120, "de", "1\u00a0kB"), (1_460_000, "de", "1,5\u00a0MB"), (1_460_000, "en", "1.5\u00a0MB")],
)
def test_a_file_size_is_said_in_decimal_units(size: int, language: str, expected: str) -> None:
    with override(language):
        assert file_size(size) == expected


def test_the_filter_escapes_what_is_not_html() -> None:
    template = engines["django"].from_string("{% load typography %}{{ text|typo|soft }}")
    with override("de"):
        assert template.render({"text": "<b> Art. 28"}) == "&lt;b&gt; Art.\u00a028"


@pytest.mark.parametrize(
    ("month", "language", "expected"),
    [
        (1, "de", "15. Januar 2026, 11:30:05 Uhr (MEZ)"),
        (7, "de", "15. Juli 2026, 12:30:05 Uhr (MESZ)"),
        (1, "en", "15 January 2026, 11:30:05 (CET)"),
        (7, "en", "15 July 2026, 12:30:05 (CEST)"),
    ],
)
def test_a_moment_names_its_time_zone_in_the_reader_s_language(month: int, language: str, expected: str) -> None:
    with override(language):
        assert to_the_second(datetime.datetime(2026, month, 15, 10, 30, 5, tzinfo=datetime.UTC)) == expected
