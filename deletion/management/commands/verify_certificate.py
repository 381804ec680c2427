"""Check a certificate of deletion without the portal's databases: from its own bytes, its signature and a public key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from deletion import inspecting


class Command(BaseCommand):
    help = "Check the JSON of a certificate of deletion, or of a supplement, offline; ends with status 1 when anything does not hold."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("document", type=Path, help="the certificate.json that is attached to the PDF")
        parser.add_argument("--sha256", default="", help="the hash that is printed on the PDF and shown on the page of the certificate")
        parser.add_argument("--signature", type=Path, help="the certificate.sig that is attached to the PDF")
        parser.add_argument("--key", default="", help="the portal's public key, from its page for the certificate or from its discovery")

    def handle(self, *_arguments: Any, document: Path, sha256: str, signature: Path | None, key: str, **_options: Any) -> None:
        signed = signature.read_bytes() if signature else b""
        found = inspecting.inspect(document.read_bytes(), sha256=sha256, signature=signed, key=key)
        for sentence in found.wrong:
            self.stderr.write(sentence)
        if found.wrong:
            sys.exit(1)
        under = f", signed under the key {found.signer}" if found.signer else ""
        self.stdout.write(f"{found.reference}: holds in itself, SHA-256 {found.sha256}{under}.")
