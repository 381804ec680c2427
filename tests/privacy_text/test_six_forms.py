"""Plain text, HTML, Markdown, Word, PDF and JSON of one text say the same, each with disclaimer, version and date."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pikepdf
import pytest
from docx import Document
from markdown_it import MarkdownIt

from privacy_text import handing_out
from privacy_text.composing import Choices, Composed, Kind
from privacy_text.questions import Question
from tests.pdf.reading import lines_of
from tests.privacy_text.conftest import CHOICES, KINDS, LANGUAGES, NOW, TYPES, Every

QUICK = ("txt", "html", "md", "docx", "json")
DISCLAIMERS = {"de": "Muster ohne Rechtsberatung.", "en": "Sample without legal advice."}
DATES = {"de": "Fassung 1, 24. November 2026", "en": "version 1, 24 November 2026"}


class Words(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.words = ""
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.words += data


def of_json(content: bytes) -> str:
    document = json.loads(content)
    paragraphs = [part for row in document["paragraphs"] for part in (row["heading"], row["text"])]
    return "\n".join([document["title"], *paragraphs, document["disclaimer"], document["stamp"]])


READERS = {
    "txt": bytes.decode,
    "html": lambda content: Words(content.decode()).words,
    "md": lambda content: Words(MarkdownIt("commonmark").render(content.decode())).words,
    "docx": lambda content: "\n".join(row.text for row in Document(io.BytesIO(content)).paragraphs),
    "json": of_json,
}


def squeezed(text: str) -> str:
    return re.sub(r"[\s•\u00ad]", "", text)


def handed(composed: Composed, form: str) -> bytes:
    return handing_out.hand_out(composed=composed, form=form, at=NOW)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", TYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_five_forms_carry_the_same_words_for_every_choice(composed: Every, kind: Kind, key: str, language: str) -> None:
    for choices in CHOICES:
        text = composed[kind, key, language, choices]
        read = {form: READERS[form](handed(text, form)) for form in QUICK}
        assert len({squeezed(words) for words in read.values()}) == 1
        for paragraph in text.paragraphs:
            assert squeezed(paragraph.heading + paragraph.text) in squeezed(read["txt"])
        assert DISCLAIMERS[language] in read["txt"]
        assert DATES[language] in read["txt"]
        assert text.mark in read["txt"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", TYPES)
def test_the_pdf_carries_the_words_of_the_other_forms(composed: Every, key: str, language: str) -> None:
    text = composed["passage", key, language, Choices()]
    content = handed(text, "pdf")
    printed = re.sub(r"[-\u2010]", "", squeezed("".join(line for page in lines_of(content) for line in page)))
    for paragraph in text.paragraphs:
        for block in paragraph.blocks:
            for line in block.texts:
                for sentence in re.split(r"(?<=[.:;]) ", line):
                    assert re.sub(r"[-\u2010]", "", squeezed(sentence)) in printed or is_broken_by_a_page(sentence, printed), sentence
    assert squeezed(DISCLAIMERS[language]) in printed
    assert squeezed(DATES[language]) in printed
    with pikepdf.open(io.BytesIO(content)) as file:
        assert str(file.Root.Lang) == language
        assert file.Root.MarkInfo.Marked


def is_broken_by_a_page(sentence: str, printed: str) -> bool:
    """Say whether both halves stand there with a page's foot and head between them."""
    whole = re.sub(r"[-\u2010]", "", squeezed(sentence))
    return any(re.search(re.escape(whole[:cut]) + r".{0,200}" + re.escape(whole[cut:]), printed) for cut in range(5, len(whole) - 4))


def test_a_text_with_an_open_place_is_handed_out_in_no_form(composed: Every) -> None:

    text = replace(composed["passage", "telegram", "de", Choices()], missing=(Question("content", "Worüber?", "", "Inhalt"),))
    for form in handing_out.FORMS:
        with pytest.raises(handing_out.OpenPlaces, match="Worüber"):
            handed(text, form)


def test_the_word_file_has_real_headings_and_lists(composed: Every) -> None:
    document = Document(io.BytesIO(handed(composed["passage", "web_push", "de", Choices()], "docx")))
    styles = [row.style.name for row in document.paragraphs]
    assert styles[0] == "Heading 1"
    assert styles.count("Heading 2") == len(composed["passage", "web_push", "de", Choices()].paragraphs) - 1
    assert "List Bullet" in styles
    assert document.core_properties.language == "de"


def test_equal_texts_make_equal_pdfs(composed: Every) -> None:
    text = composed["opt_in", "telegram", "en", Choices()]
    assert handed(text, "pdf") == handed(text, "pdf")
