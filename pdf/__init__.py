"""Paper: HTML in, tagged PDF/A out, drawn in a process of its own that can reach neither files nor the network."""

from pdf.confinement import Limits
from pdf.failures import RenderFailed
from pdf.figures import Figure, QrCode
from pdf.fonts import undrawable_characters
from pdf.rendering import Attachment, Rendered, render
from pdf.sanitising import DocumentRefused

__all__ = [
    "Attachment",
    "DocumentRefused",
    "Figure",
    "Limits",
    "QrCode",
    "RenderFailed",
    "Rendered",
    "render",
    "undrawable_characters",
]
