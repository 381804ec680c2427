"""The agreement as a Word file, for those who negotiate it; the PDF remains what counts, and the file says so."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import override
from docx import Document

from dpa import composition
from dpa.models import AgreementText
from publishing.markdown import plain_blocks, split
from publishing.placeholders import as_text, fill

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FIRST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def of_text(text: AgreementText) -> bytes:
    """Return the file of a fixed text; the same bytes each time, and made once in each process."""
    return _made(text.pk, text.sha256)


@lru_cache(maxsize=16)
def _made(text_id: int, _sha256: str) -> bytes:
    text = AgreementText.objects.select_related("version", "version__measure_set", "version__subprocessor_list").get(pk=text_id)
    with override(text.language):
        return same_bytes(document_of(text))


def document_of(text: AgreementText) -> bytes:
    document = Document()
    approved_at = text.version.approved_at
    assert approved_at is not None  # only approved texts are handed out
    facts = document.core_properties
    facts.title, facts.author, facts.language = in_xml(text.title), in_xml(text.provider_facts["name"]), text.language
    facts.created = facts.modified = approved_at.astimezone(datetime.UTC).replace(tzinfo=None)
    facts.last_modified_by, facts.revision, facts.comments = "", 1, ""
    document.add_heading(in_xml(text.title), level=0)
    document.add_paragraph(
        _("Version %(number)s. The PDF is what counts; this file is for your work on the text.") % {"number": text.version.number}
    )
    for level, line in lines(text):
        if level:
            document.add_heading(in_xml(line), level=level)
        else:
            document.add_paragraph(in_xml(line))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def lines(text: AgreementText) -> list[tuple[int, str]]:
    """Return headings with their level, and paragraphs with 0, of body and annexes; places for the customer's values stay named."""
    heads = composition.annexes(text)
    found = section_lines(text, text.filled_body, numbered=True, level=1)
    annexes = (
        [(0, line) for line in composition.parties_lines(text)],
        section_lines(text, text.filled_description, numbered=False, level=2),
        [(0, line) for line in composition.measures_lines(text)],
        [(0, line) for line in composition.subprocessor_lines(text)],
    )
    for head, content in zip(heads, annexes, strict=True):
        found += [(1, composition.headline(head)), *content]
    blank = composition.customer_values(None, text.language)
    return [(level, fill(line, blank, as_text)) for level, line in found]


def section_lines(text: AgreementText, source: str, *, numbered: bool, level: int) -> list[tuple[int, str]]:
    before, parts = split(source)
    names = composition.labels(text)
    found = [(0, block) for block in plain_blocks(before, names)]
    for position, part in enumerate(parts, start=1):
        number = composition.heading_number(text.language, position) if numbered else f"{position}."
        found.append((level, f"{number} {part.title}"))
        found += [(0, block) for block in plain_blocks(part.body, names)]
    return found


def in_xml(text: str) -> str:
    """Return the text without the characters that XML 1.0 cannot hold."""
    return NOT_XML.sub("", text)


def same_bytes(content: bytes) -> bytes:
    """Return the archive with one time for all its parts, so that equal texts make equal files."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, date_time=FIRST_ZIP_TIME), source.read(name), compress_type=zipfile.ZIP_DEFLATED)
    return file.getvalue()
