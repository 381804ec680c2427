"""Files that show that a measure is in place: taken only as what they are, kept under random names, given only to staff."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import PurePath
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

LARGEST = 10 * 1024 * 1024  # bytes
OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".txt": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".docx": f"{OFFICE}.wordprocessingml.document",
    ".xlsx": f"{OFFICE}.spreadsheetml.sheet",
}
BEGINNINGS = {".pdf": b"%PDF-", ".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff"}
PARTS = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}
MACROS = ("vbaProject.bin", "vbaData.xml")


class UnfitFile(Exception):
    """The file is empty, larger than 10 MB, of another type than its name says, or of none that is taken."""


class FileAltered(Exception):
    """What is kept is no longer what was stored."""


def type_of(name: str, content: bytes) -> str:
    """Return the type that both the name and the content say; raises UnfitFile where they do not agree."""
    ending = PurePath(name).suffix.lower()
    if ending not in TYPES or not content or len(content) > LARGEST:
        raise UnfitFile
    if not is_what_it_says(ending, content):
        raise UnfitFile
    return TYPES[ending]


def is_what_it_says(ending: str, content: bytes) -> bool:
    if ending in BEGINNINGS:
        return content.startswith(BEGINNINGS[ending])
    return is_office(ending, content) if ending in PARTS else is_text(content)


def is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode()
    except UnicodeDecodeError:
        return False


def is_office(ending: str, content: bytes) -> bool:
    """Say whether it is such a document, and one without macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return False
    return PARTS[ending] in names and not any(PurePath(name).name in MACROS for name in names)


def keep(number: UUID, content: bytes) -> str:
    """Store the content and return where; the name says nothing about the file."""
    return str(default_storage.save(f"measures/{number.hex}", ContentFile(content)))


def read(stored_as: str, sha256: str) -> bytes:
    """Return the file; raises FileAltered, never returns other bytes."""
    with default_storage.open(stored_as) as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileAltered(stored_as)
    return content


def forget(stored_as: str) -> None:
    default_storage.delete(stored_as)
