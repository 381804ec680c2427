"""Files in the portal's default storage: everything below the account's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from deletion.connectors.protocol import Answer, Count, NotCounted, Progress, Scope, Transient

FOLDER = "accounts"


def folder_of(reference: str) -> str:
    """Return the folder of an account's files; whoever stores a file of an account stores it there."""
    return f"{FOLDER}/{reference}"


class FileConnector:
    """The default file storage of Django, whatever it stands for."""

    name = "files"
    method = "files deleted"

    def plant(self, scope: Scope) -> None:
        path = f"{folder_of(scope.reference)}/{scope.canary}"
        try:
            if not default_storage.exists(path):
                default_storage.save(path, ContentFile(b"canary"))
        except OSError as error:
            raise Transient from error

    def erase(self, scope: Scope, cursor: str, limit: int) -> Progress:
        deleted = seen = 0
        try:
            for path in list(islice(walk(folder_of(scope.reference)), limit)):
                default_storage.delete(path)
                seen += 1
                deleted += not path.endswith(scope.canary)
        except OSError as error:
            raise Transient from error
        return Progress(cursor, deleted, is_done=seen < limit)

    def verify(self, scope: Scope) -> Answer:
        try:
            number = planted = 0
            for path in walk(folder_of(scope.reference)):
                number, planted = number + 1, planted + path.endswith(scope.canary)
        except OSError:
            return NotCounted("unreadable")
        return Count(number, planted)

    def describe(self) -> str:
        return "file storage, the account's own folder"


def walk(folder: str) -> Iterator[str]:
    """Yield every file below the folder; a folder that is not there has none."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in names)
    for name in folders:
        yield from walk(f"{folder}/{name}")
