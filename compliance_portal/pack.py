"""The compliance pack: agreement, measures, subprocessors and sample texts of one moment in one archive that proves itself.

``SHA256SUMS`` lets anybody check the files with ``sha256sum -c``; ``manifest.json`` says what each file is. Equal versions make
equal bytes: one fixed time, one order, no compression that another library would do otherwise.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, override

import privacy_text.pages
import subprocessors.pages
import toms.pages
from customers.models import ChannelType
from dpa import reading, wordfile
from dpa.models import AgreementVersion
from pdf import storage
from privacy_text.models import SampleText
from publishing.canonical import canonical_json
from publishing.models import PublishedVersion
from subprocessors.models import SubprocessorList
from toms.models import MeasureSet

FIRST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True)
class File:
    """One published file: where it lies in the archive and on the portal, and what is known of it without reading it."""

    path: str
    title: str
    language: str
    format: str
    version: str
    size: int
    sha256: str
    read: Callable[[], bytes]
    pages: int = 0

    def in_manifest(self) -> dict[str, Any]:
        names = ("path", "title", "language", "format", "version", "size", "sha256")
        return {name: getattr(self, name) for name in names} | ({"pages": self.pages} if self.pages else {})


@dataclass(frozen=True)
class Contents:
    """The versions in force, read together."""

    agreement: AgreementVersion | None
    measures: MeasureSet | None
    subprocessors: SubprocessorList | None
    texts: SampleText | None
    channel_types: Sequence[ChannelType] = ()

    @property
    def versions(self) -> list[PublishedVersion]:
        return [each for each in (self.agreement, self.measures, self.subprocessors, self.texts) if each is not None]


def contents() -> Contents:
    texts = SampleText.objects.current()
    return Contents(
        agreement=reading.current(),
        measures=toms.pages.find_set(None),
        subprocessors=subprocessors.pages.find_list(None),
        texts=texts,
        channel_types=list(privacy_text.pages.types_of(texts)),
    )


def files(chosen: Contents) -> list[File]:
    """Return the files in the order of the archive."""
    found = [*agreement_files(chosen.agreement), *measure_files(chosen.measures), *subprocessor_files(chosen.subprocessors)]
    return sorted([*found, *text_files(chosen.texts, chosen.channel_types)], key=lambda file: file.path)


def made(path: str, title: str, language: str, version: str, content: bytes) -> File:
    """Return a file whose bytes are made from the version."""
    digest = hashlib.sha256(content).hexdigest()
    return File(path, title, language, path.rpartition(".")[2].upper(), version, len(content), digest, lambda: content)


def kept(path: str, title: str, version: str, document: Any) -> File:
    """Return a PDF that is kept under its hash."""
    language = getattr(document, "language", "") or document.text.language
    read = lambda: storage.read(document.sha256)  # noqa: E731  # a closure over one document
    return File(path, title, language, "PDF", version, document.size, document.sha256, read, document.pages)


def agreement_files(version: AgreementVersion | None) -> Iterator[File]:
    for text in version.texts.all() if version else ():
        number, stem = version.number if version else "", f"agreement/{text.file_name}"
        if text.document is not None:
            yield kept(f"{stem}.pdf", text.title, number, text.document)
        yield made(f"{stem}.docx", text.title, text.language, number, wordfile.of_text(text))
        yield made(f"{stem}.txt", text.title, text.language, number, text.plain_text.encode())


def measure_files(chosen: MeasureSet | None) -> Iterator[File]:
    if chosen is None:
        return
    yield from register_files("measures", "TOM", chosen, toms.pages.csv_file, chosen.content_json())


def subprocessor_files(chosen: SubprocessorList | None) -> Iterator[File]:
    if chosen is None:
        return
    yield from register_files("subprocessors", "Subprocessors", chosen, subprocessors.pages.csv_file, chosen.content_json())


def register_files(folder: str, stem: str, chosen: Any, table: Callable[[Any, str], bytes], content: bytes) -> Iterator[File]:
    titles = {"measures": "Technical and organisational measures", "subprocessors": "Subprocessors"}
    for document in chosen.printed().values():
        with override(document.language):
            title = gettext(titles[folder])
        yield kept(f"{folder}/{stem}_{chosen.number}_{document.language}.pdf", title, chosen.number, document)
    for language in LANGUAGES:
        with override(language):
            title, rows = gettext(titles[folder]), table(chosen, language)
        yield made(f"{folder}/{stem}_{chosen.number}_{language}.csv", title, language, chosen.number, rows)
    yield made(f"{folder}/{stem}_{chosen.number}.json", titles[folder], "", chosen.number, content)


def text_files(version: SampleText | None, channel_types: Sequence[ChannelType]) -> Iterator[File]:
    """Yield the texts of each channel type to read, in both languages, and all of them for programs."""
    if version is None:
        return
    yield made(f"texts/Texts_{version.number}.json", "Sample texts", "", version.number, canonical_json(version.content()))
    for channel_type in channel_types:
        for language in LANGUAGES:
            content = privacy_text.pages.readable(version, channel_type, language).encode()
            name = f"texts/Texts_{version.number}_{channel_type.key}_{language}.txt"
            yield made(name, channel_type.label(language), language, version.number, content)


# --- the archive ------------------------------------------------------------------------------------------------------


def manifest(chosen: Contents, listed: Sequence[File]) -> bytes:
    """Return what the archive holds, in canonical JSON (RFC 8785)."""
    versions = [
        {
            "kind": version._meta.label_lower,  # noqa: SLF001  # Django documents _meta as an API
            "number": version.number,
            "effective_date": version.effective_date.isoformat() if version.effective_date else "",
            "sha256": version.sha256,
        }
        for version in chosen.versions
    ]
    return canonical_json({"origin": settings.PORTAL_ORIGIN, "versions": versions, "files": [file.in_manifest() for file in listed]})


def archive(chosen: Contents) -> bytes:
    """Return the archive; made once in each process for the versions and documents that it holds."""
    return _archive(fingerprint(chosen))


def size(chosen: Contents) -> int:
    """Return how many bytes the archive has, which pages show beside its link; 0 while nothing is published."""
    return len(archive(chosen)) if chosen.versions else 0


def fingerprint(chosen: Contents) -> tuple[str, ...]:
    """Return what the bytes depend on: versions and the PDFs that are made by now; read without making anything."""
    registers = [each for each in (chosen.measures, chosen.subprocessors) if each is not None]
    documents = [made.sha256 for each in registers for made in each.printed().values()]
    texts = chosen.agreement.texts.all() if chosen.agreement else ()
    documents += [made.sha256 for text in texts for made in text.documents.all()]
    labels = [f"{each.key}:{each.label_de}:{each.label_en}" for each in chosen.channel_types]
    return (settings.PORTAL_ORIGIN, *(f"{version.pk}:{version.sha256}" for version in chosen.versions), *sorted(documents), *labels)


@lru_cache(maxsize=2)
def _archive(_fingerprint: tuple[str, ...]) -> bytes:
    chosen = contents()
    listed = files(chosen)
    sums = "".join(f"{file.sha256}  {file.path}\n" for file in listed).encode()
    with override(None):
        described = manifest(chosen, listed)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for each in listed:
            packed.writestr(zipfile.ZipInfo(each.path, FIRST_ZIP_TIME), each.read())
        packed.writestr(zipfile.ZipInfo("SHA256SUMS", FIRST_ZIP_TIME), sums)
        packed.writestr(zipfile.ZipInfo("manifest.json", FIRST_ZIP_TIME), described)
    return file.getvalue()
