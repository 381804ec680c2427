"""Kept documents: found by their hash, checked at every reading, never overwritten by other bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from pdf.storage import DocumentAltered, DocumentMissing, keep, read

CONTENT = b"%PDF-1.7 agreement"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = f"documents/{SHA256[:2]}/{SHA256}.pdf"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path / "kept")}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}


def kept_files() -> list[str]:
    return sorted(default_storage.listdir(f"documents/{SHA256[:2]}")[1])


def test_a_kept_document_is_found_by_its_hash() -> None:
    assert keep(CONTENT) == SHA256
    assert read(SHA256) == CONTENT
    assert default_storage.exists(NAME)


def test_keeping_twice_leaves_one_file() -> None:
    keep(CONTENT)
    keep(CONTENT)
    assert kept_files() == [f"{SHA256}.pdf"]


def test_a_document_that_was_never_kept_is_missing() -> None:
    with pytest.raises(DocumentMissing):
        read(SHA256)


def test_an_altered_document_is_not_returned() -> None:
    keep(CONTENT)
    Path(default_storage.path(NAME)).write_bytes(CONTENT + b" and more")
    with pytest.raises(DocumentAltered):
        read(SHA256)


def test_half_a_file_left_by_a_crash_is_replaced_by_the_whole() -> None:
    default_storage.save(NAME, ContentFile(CONTENT[:5]))
    assert keep(CONTENT) == SHA256
    assert read(SHA256) == CONTENT
    assert kept_files() == [f"{SHA256}.pdf"]


def test_two_who_keep_the_same_bytes_at_once_leave_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    save = FileSystemStorage.save

    def overtaken(storage: FileSystemStorage, name: str, content: ContentFile[bytes]) -> str:
        save(storage, name, ContentFile(CONTENT))
        return save(storage, name, content)

    monkeypatch.setattr(FileSystemStorage, "save", overtaken)
    keep(CONTENT)
    assert kept_files() == [f"{SHA256}.pdf"]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, SHA256 + "\n", SHA256[:63]])
def test_only_a_hash_names_a_document(name: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal"):
        read(name)
