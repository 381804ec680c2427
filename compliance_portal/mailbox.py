"""The demo's mailbox: the mails that Django's file backend wrote instead of sending them."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

SEPARATOR = b"-" * 79 + b"\n"
_NAME = re.compile(r"(\d{8}-\d{6}-\d+\.log)-(\d+)")
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")


@dataclass(frozen=True)
class Attachment:
    filename: str
    content_type: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


@dataclass(frozen=True)
class Mail:
    """One mail as its reader would get it."""

    name: str
    sent_at: datetime
    sender: str
    recipients: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]

    @property
    def links(self) -> list[str]:
        """Return the addresses in the text, each once, in order."""
        return list(dict.fromkeys(_ADDRESS.findall(self.text)))


def newest_first() -> list[Mail]:
    folder = Path(settings.EMAIL_FILE_PATH)
    mails = [mail for path in folder.glob("*.log") for mail in _mails_in(path)]
    return sorted(mails, key=lambda mail: (mail.sent_at, mail.name), reverse=True)


def find(name: str) -> Mail | None:
    """Return the mail of that name; a name that the backend does not give reaches no file."""
    match = _NAME.fullmatch(name)
    path = Path(settings.EMAIL_FILE_PATH) / match[1] if match else None
    if path is None or not path.is_file():
        return None
    return next((mail for mail in _mails_in(path) if mail.name == name), None)


def _mails_in(path: Path) -> Iterator[Mail]:
    """Yield the mails of one file; the backend writes those of one connection one after the other."""
    parts = [part for part in path.read_bytes().split(SEPARATOR) if part.strip()]
    for position, part in enumerate(parts):
        yield _read(f"{path.name}-{position}", email.message_from_bytes(part, policy=policy.default))


def _read(name: str, message: EmailMessage) -> Mail:
    return Mail(
        name=name,
        sent_at=parsedate_to_datetime(str(message["Date"])),
        sender=str(message["From"]),
        recipients=str(message["To"]),
        subject=str(message["Subject"]),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(_attachment(part) for part in message.iter_attachments()),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    return Attachment(part.get_filename() or "attachment", part.get_content_type(), content if isinstance(content, bytes) else b"")
