"""Drawings that the portal makes itself and puts into a document after its text was cleaned."""

from __future__ import annotations

import io
from dataclasses import dataclass
from html import escape
from typing import Protocol

import segno

QUIET_ZONE_MODULES = 4
QR_CODE_MILLIMETRES = 30
INK = "#15212d"


class Figure(Protocol):
    """A drawing that describes itself to people who do not see it."""

    def svg(self) -> str:
        """Return an inline SVG element whose first child is a <title>."""


@dataclass(frozen=True, kw_only=True)
class QrCode:
    """A QR code (ISO/IEC 18004) at error level Q: a quarter of it may be damaged on paper."""

    address: str
    description: str

    def svg(self) -> str:
        """Return the code as one path, with its quiet zone, 30 mm wide."""
        code = segno.make(self.address, error="q", boost_error=False, micro=False)
        side = code.symbol_size(border=QUIET_ZONE_MODULES)[0]
        drawing = io.BytesIO()
        code.save(drawing, kind="svg", border=QUIET_ZONE_MODULES, dark=INK, xmldecl=False, omitsize=True, svgclass=None, lineclass=None)
        path = drawing.getvalue().decode("ascii").partition(">")[2]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"'
            f' width="{QR_CODE_MILLIMETRES}mm" height="{QR_CODE_MILLIMETRES}mm">'
            f"<title>{escape(self.description)}</title>{path}"
        )
