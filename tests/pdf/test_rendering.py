"""What every document is: archivable, accessible, equal bytes for equal input, drawn with bundled fonts alone."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

import pdf
from pdf import rendering
from pdf.fonts import all_faces
from tests.pdf.agreements import MOMENT, TITLE, VERIFY_URL, agreement, body, document, figures, rendered
from tests.pdf.reading import lines_of


@pytest.fixture(scope="module")
def executed() -> pdf.Rendered:
    return rendered()


@pytest.fixture
def file(executed: pdf.Rendered) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(BytesIO(executed.content)) as opened:
        yield opened


def elements(file: pikepdf.Pdf) -> list[Any]:
    """Return every structure element of a tagged file."""
    found, waiting = [], [file.Root.StructTreeRoot]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend(node)
        elif isinstance(node, pikepdf.Dictionary):
            found += [node] if "/S" in node else []
            waiting += [node.K] if "/K" in node else []
    return found


def kinds(file: pikepdf.Pdf) -> list[str]:
    return [str(element.S) for element in elements(file)]


def test_the_result_names_its_hash_and_its_pages(executed: pdf.Rendered, file: pikepdf.Pdf) -> None:
    assert executed.sha256 == hashlib.sha256(executed.content).hexdigest()
    assert executed.pages == len(file.pages) > 8


def test_a_document_is_marked_as_pdf_a_3a_and_as_pdf_ua_1(file: pikepdf.Pdf) -> None:
    with file.open_metadata() as metadata:
        assert metadata.pdfa_status == "3A"
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == TITLE
    declared = bytes(file.Root.Metadata.read_bytes())
    assert declared.count(b"<rdf:RDF") == 1
    assert b"pdfaExtension:schemas" in declared


def test_pdf_ua_alone_needs_no_second_mark() -> None:
    content = pdf.render(
        html="<h1>Register</h1>", title="Register", author="A", language="de", created_at=MOMENT, variant="pdf/ua-1"
    ).content
    with pikepdf.open(BytesIO(content)) as opened, opened.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert not metadata.pdfa_status


def test_a_document_carries_language_title_tags_and_an_output_intent(file: pikepdf.Pdf) -> None:
    assert str(file.Root.Lang) == "de"
    assert file.Root.ViewerPreferences.DisplayDocTitle
    assert file.Root.MarkInfo.Marked
    assert len(file.Root.OutputIntents) == 1
    assert str(file.docinfo["/Author"]) == "Pushwerk GmbH"
    assert all(str(page.Tabs) == "/S" for page in file.pages if "/Annots" in page)


def test_the_date_of_a_document_is_the_moment_given(file: pikepdf.Pdf) -> None:
    assert str(file.docinfo["/CreationDate"]).startswith("D:20261123130512")
    assert str(file.docinfo["/ModDate"]).startswith("D:20261123130512")


def test_every_figure_has_words(file: pikepdf.Pdf) -> None:
    drawn = [element for element in elements(file) if str(element.S) == "/Figure"]
    assert [str(figure.Alt) for figure in drawn] == ["QR-Code mit der Adresse der Prüfseite"]


def test_headings_lists_and_tables_are_tagged(file: pikepdf.Pdf) -> None:
    tags = kinds(file)
    assert tags.count("/H1") == 1
    for kind in ("/H2", "/H3", "/L", "/LI", "/Table", "/TH", "/TD", "/Link", "/P"):
        assert kind in tags


def test_every_link_has_words_and_leads_somewhere(file: pikepdf.Pdf) -> None:
    links = [annotation for page in file.pages for annotation in page.get("/Annots", []) if annotation.Subtype == "/Link"]
    assert len(links) > 6
    assert all(str(link.Contents).strip() for link in links)
    outside = {str(link.A.URI) for link in links if "/A" in link and "/URI" in link.A}
    assert outside == {VERIFY_URL}


def test_bookmarks_are_the_sections_and_annexes(file: pikepdf.Pdf) -> None:
    with file.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles[:3] == ["§\xa01 Gegenstand", "§\xa02 Dauer und Kündigung", "Vertragsparteien"]
    assert len(titles) == 7


def test_the_evidence_is_attached_as_the_source_with_the_moment_given(file: pikepdf.Pdf) -> None:
    attached = file.attachments["nachweis.json"]
    assert attached.get_file().read_bytes() == b'{"reference": 1}'
    assert attached.get_file().creation_date == MOMENT
    assert str(attached.obj.AFRelationship) == "/Source"


def test_only_bundled_fonts_are_embedded_and_every_script_has_its_own(file: pikepdf.Pdf) -> None:
    embedded = {
        str(found.FontName) for found in file.objects if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/FontDescriptor"
    }
    families = {
        re.sub(r"^/[A-Z]{6}\+", "", name).replace("-Semi-Bold", "").replace("-Italic", "").rstrip(",").replace("-", " ")
        for name in embedded
    }
    assert families <= {face.family.replace("-", " ") for face in all_faces()}
    assert {"Inter", "Inter latin ext", "Inter greek", "Inter cyrillic", "Source Serif 4", "Source Code Pro"} <= families
    assert all(
        "/FontFile2" in found for found in file.objects if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/FontDescriptor"
    )


def test_qpdf_finds_no_fault(file: pikepdf.Pdf) -> None:
    assert file.check_pdf_syntax() == []


def test_pages_count_themselves_in_the_language_of_the_document(executed: pdf.Rendered) -> None:
    german = lines_of(executed.content)
    assert not any("Seite" in line for line in german[0])
    assert german[1][-2:] == ["AVV-2026-7K3M-92QX", f"Seite 2 von {executed.pages}"]
    english = rendered(agreement(document=document(language="en")))
    assert lines_of(english.content)[1][-1] == f"Page 2 of {english.pages}"


def test_the_header_names_document_and_section(executed: pdf.Rendered) -> None:
    pages = lines_of(executed.content)
    for section in ("Beschreibung der Verarbeitung", "Technische und organisatorische Maßnahmen"):
        assert any(page[-4:-2] == [TITLE, section] for page in pages)


def test_a_table_repeats_its_head_on_every_page_and_tells_readers_of_the_screen_that_it_is_one() -> None:
    rows = "".join(f"<tr><td>{number}</td><td>Zeile</td></tr>" for number in range(120))
    html = f"<table><thead><tr><th>Nummer</th><th>Wortlaut</th></tr></thead><tbody>{rows}</tbody></table>"
    made = pdf.render(html=html, title="Tabelle", author="A", language="de", created_at=MOMENT)
    pages = lines_of(made.content)
    assert len(pages) > 2
    assert all(is_within(["Nummer", "Wortlaut"], page) for page in pages)
    with pikepdf.open(BytesIO(made.content)) as file:
        assert "/THead" in kinds(file)


def is_within(words: list[str], page: list[str]) -> bool:
    return any(page[index : index + len(words)] == words for index in range(len(page)))


def test_the_contents_give_the_page_on_which_a_section_stands(executed: pdf.Rendered) -> None:
    pages = lines_of(executed.content)
    for title in ("Dauer und Kündigung", "Unterauftragsverarbeiter"):
        entry = pages[1][pages[1].index(title) :]
        number = int(next(line for line in entry if line.isdigit()))
        assert any(title in line for line in pages[number - 1][:-4])


def test_letters_of_every_script_are_read_back_as_they_were_written(executed: pdf.Rendered) -> None:
    text = "".join(line for page in lines_of(executed.content) for line in page)
    assert "Łódź Wydawnictwo Ελλάδα България GmbH & Co. KG" in text
    assert "Kennwörter ≥ 14 Zeichen" in text


def test_a_published_version_names_no_customer_and_has_no_evidence() -> None:
    context = agreement(document=document(reference="", is_executed=False), evidence=None)
    context["parties"] = context["parties"] | {"customer": None}
    text = "".join(line for page in lines_of(rendered(context).content) for line in page)
    assert "AVV-" not in text
    assert "Wydawnictwo" not in text
    assert "Pushwerk GmbH" in text


def test_equal_input_gives_equal_bytes_whatever_the_process(executed: pdf.Rendered, tmp_path: Path) -> None:
    context = agreement()
    request = rendering.request_for(
        html=body(context),
        figures=figures(context),
        title=TITLE,
        author="Pushwerk GmbH",
        language="de",
        created_at=MOMENT.astimezone(timezone(timedelta(hours=5))),
        attachments=[pdf.Attachment(name="nachweis.json", content=b'{"reference": 1}', description="Annahmenachweis")],
        stylesheet="print",
        variant="pdf/a-3a",
    )
    for seed, zone in (("1", "Pacific/Auckland"), ("4711", "America/New_York")):
        environment = rendering.worker_environment(str(tmp_path)) | {"PYTHONHASHSEED": seed, "TZ": zone}
        worker = [sys.executable, "-m", "pdf.worker", "20", str(1024**3), str(20 * 1024**2)]
        drawn = subprocess.run(worker, input=json.dumps(asdict(request)).encode(), env=environment, check=True, capture_output=True)
        assert drawn.stdout.partition(b"\n")[2] == executed.content


def test_another_moment_gives_other_bytes(executed: pdf.Rendered) -> None:
    assert rendered(created_at=MOMENT + timedelta(seconds=1)).sha256 != executed.sha256


@pytest.mark.parametrize(
    "wrong",
    [{"stylesheet": "../print"}, {"variant": "pdf/a-1b"}, {"language": "de><x"}, {"created_at": datetime(2026, 1, 1)}],  # noqa: DTZ001
)
def test_an_argument_of_the_wrong_kind_is_refused(wrong: dict[str, Any]) -> None:
    right = {"html": "<p>Text</p>", "title": "T", "author": "A", "language": "de", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    with pytest.raises(ValueError, match=r"must|language"):
        pdf.render(**(right | wrong))


def test_a_comparison_of_two_versions_lies_across_the_page() -> None:
    html = '<section class="clause"><h2>A</h2></section><section class="synopsis"><h2>B</h2><p><del>old</del> <ins>new</ins></p></section>'
    content = pdf.render(html=html, title="Synopse", author="A", language="de", created_at=MOMENT).content
    with pikepdf.open(BytesIO(content)) as opened:
        across = [page.mediabox[2] > page.mediabox[3] for page in opened.pages]
    assert across == [False, True]


def test_a_document_without_a_cover_names_itself_on_every_page() -> None:
    html = '<h1>Register</h1><p class="reference">TOM-2026-4</p><section class="evidence"><h2>Anhang</h2></section>'
    content = pdf.render(html=html, title="Register", author="A", language="de", created_at=MOMENT).content
    assert lines_of(content)[1] == ["Anhang", "Register", "Anhang", "TOM-2026-4", "Seite 2 von 2"]
