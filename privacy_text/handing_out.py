"""Texts to take away: six forms of one text, each complete with disclaimer, version, date and mark.

A text with an open place is never handed out: OpenPlaces lists what is missing.
"""

from __future__ import annotations

import datetime
import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from docx import Document

import pdf
from privacy_text.composing import Composed
from privacy_text.paragraphs import Block, Paragraph
from privacy_text.questions import Question

MARKDOWN_MEANING = re.compile(r"([\\`*_\[\]<>#&~|])")
BEGINS_A_LIST = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))")
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class OpenPlaces(Exception):
    """The text has open places and is not handed out; ``missing`` are the questions in order."""

    def __init__(self, missing: tuple[Question, ...]) -> None:
        self.missing = missing
        super().__init__("; ".join(question.label for question in missing))


@dataclass(frozen=True)
class Form:
    """One form to take away: how it is called, how the file ends, what it is to a browser."""

    label: Promise
    extension: str
    content_type: str


FORMS: dict[str, Form] = {
    "txt": Form(_("Plain text"), "txt", "text/plain; charset=utf-8"),
    "html": Form(_("HTML"), "html", "text/html; charset=utf-8"),
    "md": Form(_("Markdown"), "md", "text/markdown; charset=utf-8"),
    "docx": Form(_("Word"), "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": Form(_("PDF"), "pdf", "application/pdf"),
    "json": Form(_("JSON"), "json", "application/json"),
}


def hand_out(*, composed: Composed, form: str, at: datetime.datetime) -> bytes:
    """Return the file; raises OpenPlaces, KeyError for an unknown form, and for a PDF what ``pdf.render`` raises."""
    makers: dict[str, Callable[[Composed], bytes]] = {
        "txt": lambda text: as_plain_text(text).encode(),
        "html": lambda text: as_html(text).encode(),
        "md": lambda text: as_markdown(text).encode(),
        "json": as_json,
        "docx": lambda text: as_docx(text, at),
        "pdf": lambda text: as_pdf(text, at),
    }
    return makers[form](composed)


def require_complete(composed: Composed) -> None:
    if composed.missing:
        raise OpenPlaces(composed.missing)


def body(composed: Composed) -> tuple[str, list[Paragraph]]:
    """Return the title and the paragraphs under their own headings; the first heading of a passage is the title."""
    if composed.kind == "opt_in" or not composed.paragraphs:
        return composed.title, list(composed.paragraphs)
    first, *rest = composed.paragraphs
    return first.heading, [Paragraph(first.key, "", first.blocks, first.facts), *rest]


def as_plain_text(composed: Composed) -> str:
    require_complete(composed)
    title, paragraphs = body(composed)
    parts = [title]
    for paragraph in paragraphs:
        parts += [part for part in (paragraph.heading, paragraph.text) if part]
    return "\n\n".join([*parts, composed.disclaimer, composed.stamp]) + "\n"


def as_html(composed: Composed) -> SafeString:
    """Return a fragment that stands in any page: a section with its language, headings from h2 on, no classes and no styles."""
    require_complete(composed)
    title, paragraphs = body(composed)
    return format_html(
        '<section lang="{}" data-mark="{}">\n<h2>{}</h2>\n{}<p><small>{}<br>{}</small></p>\n</section>\n',
        composed.language,
        composed.mark,
        title,
        format_html_join("", "{}{}", ((html_heading(paragraph), html_blocks(paragraph)) for paragraph in paragraphs)),
        composed.disclaimer,
        composed.stamp,
    )


def html_heading(paragraph: Paragraph) -> SafeString:
    return format_html("<h3>{}</h3>\n", paragraph.heading) if paragraph.heading else SafeString("")


def html_blocks(paragraph: Paragraph) -> SafeString:
    return format_html_join("", "{}", ((html_block(block),) for block in paragraph.blocks))


def html_block(block: Block) -> SafeString:
    if block.is_list:
        return format_html("<ul>\n{}</ul>\n", format_html_join("", "<li>{}</li>\n", ((line,) for line in block.texts)))
    return format_html("<p>{}</p>\n", block.texts[0])


def as_markdown(composed: Composed) -> str:
    """Return CommonMark; what has a meaning there is escaped, so that it reads as it was written."""
    require_complete(composed)
    title, paragraphs = body(composed)
    parts = [f"## {escaped(title)}"]
    for paragraph in paragraphs:
        parts += [f"### {escaped(paragraph.heading)}"] if paragraph.heading else []
        parts += [markdown_block(block) for block in paragraph.blocks]
    return "\n\n".join([*parts, f"*{escaped(composed.disclaimer)}*", f"*{escaped(composed.stamp)}*"]) + "\n"


def markdown_block(block: Block) -> str:
    if block.is_list:
        return "\n".join(f"- {escaped(line)}" for line in block.texts)
    return escaped(block.texts[0])


def escaped(text: str) -> str:
    return BEGINS_A_LIST.sub(lambda found: f"{found[1]}\\{found[2]}" if not found[2].isdigit() else f"{found[1]}{found[2]}\\", plain(text))


def plain(text: str) -> str:
    return MARKDOWN_MEANING.sub(r"\\\1", text)


def content(composed: Composed) -> dict[str, object]:
    """Return the text for programs; the facts that it carries, and why it lacks others, are part of it."""
    require_complete(composed)
    title, paragraphs = body(composed)
    with override(composed.language):
        reasons = {fact: str(reason) for fact, reason in composed.not_applicable.items()}
    return {
        "channel_type": composed.channel_type,
        "kind": composed.kind,
        "language": composed.language,
        "version": composed.number,
        "effective_date": composed.effective_date.isoformat() if composed.effective_date else None,
        "subprocessors_version": composed.register_number,
        "mark": composed.mark,
        "choices": asdict(composed.choices),
        "title": title,
        "paragraphs": [{"key": row.key, "heading": row.heading, "text": row.text, "facts": list(row.facts)} for row in paragraphs],
        "not_applicable": reasons,
        "disclaimer": composed.disclaimer,
        "stamp": composed.stamp,
    }


def as_json(composed: Composed) -> bytes:
    return json.dumps(content(composed), ensure_ascii=False, indent=2).encode() + b"\n"


def as_docx(composed: Composed, at: datetime.datetime) -> bytes:
    """Return a Word document with real headings and lists, so that people can go on editing it."""
    require_complete(composed)
    title, paragraphs = body(composed)
    document = Document()
    facts_of_file = document.core_properties
    facts_of_file.title, facts_of_file.author, facts_of_file.language = in_xml(title), in_xml(composed.provider_name), composed.language
    facts_of_file.comments = composed.disclaimer
    facts_of_file.created = facts_of_file.modified = at.astimezone(datetime.UTC).replace(tzinfo=None)
    document.add_heading(in_xml(title), level=1)
    for paragraph in paragraphs:
        if paragraph.heading:
            document.add_heading(in_xml(paragraph.heading), level=2)
        for block in paragraph.blocks:
            for line in block.texts:
                document.add_paragraph(in_xml(line), style="List Bullet" if block.is_list else None)
    for line in (composed.disclaimer, composed.stamp):
        document.add_paragraph().add_run(in_xml(line)).italic = True
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def in_xml(text: str) -> str:
    """Return the text without the characters that XML 1.0 cannot hold."""
    return NOT_XML.sub("", text)


def as_pdf(composed: Composed, at: datetime.datetime) -> bytes:
    require_complete(composed)
    title, paragraphs = body(composed)
    with override(composed.language):
        context = {"composed": composed, "title": title, "paragraphs": paragraphs, "caption": caption(composed)}
        html = render_to_string("pdf/texts.html", context)
    return pdf.render(html=html, title=title, author=composed.provider_name, language=composed.language, created_at=at).content


def caption(composed: Composed) -> str:
    return gettext("Sample passage for a privacy notice") if composed.kind == "passage" else gettext("Sample text for consent")
