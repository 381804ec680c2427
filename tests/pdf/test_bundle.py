"""The files beside the code are the ones that THIRD_PARTY.md names, and nothing else can be loaded by name."""

from __future__ import annotations

import hashlib
import re

import pytest

from pdf.fetching import AddressRefused, BundleFetcher
from pdf.figures import QrCode
from pdf.fonts import ASSETS, FONTS, all_faces, font_faces
from pdf.rendering import PROJECT


def test_every_bundled_font_file_has_the_hash_that_is_declared() -> None:
    rows = re.findall(r"^\| `([^`/]+\.(?:ttf|txt))` \| `([0-9a-f]{64})`", (PROJECT / "THIRD_PARTY.md").read_text("utf-8"), re.MULTILINE)
    present = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in FONTS.iterdir()}
    assert dict(rows) == present


def test_every_face_has_its_file_and_every_file_its_face() -> None:
    assert {face.file for face in all_faces()} == {file.name for file in FONTS.glob("*.ttf")}


def test_no_two_faces_share_family_weight_and_style() -> None:
    faces = all_faces()
    assert len({(face.family, face.weight, face.style) for face in faces}) == len(faces)


def test_every_family_stands_in_the_stylesheet() -> None:
    sheet = (ASSETS / "print.css").read_text("utf-8")
    assert all(f'"{face.family}"' in sheet for face in all_faces())


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("Vertrag", {"Inter", "Source Serif 4", "Source Code Pro"}),
        ("Łódź", {"Inter", "Inter latin-ext", "Source Serif 4", "Source Serif 4 latin-ext", "Source Code Pro"}),
        ("Αθήνα", {"Inter", "Inter greek", "Source Serif 4", "Source Serif 4 greek", "Source Code Pro"}),
        ("→", {"Inter", "Source Serif 4", "Source Code Pro", "DejaVu Sans"}),
    ],
)
def test_only_the_faces_that_a_text_needs_are_read(text: str, families: set[str]) -> None:
    rules = font_faces(f"<p>{text}</p>", text)
    assert set(re.findall(r'font-family: "([^"]+)"', rules)) == families
    assert "italic" not in rules
    assert "italic" in font_faces(f"<em>{text}</em>", text)


def test_a_bundled_font_is_answered() -> None:
    response = BundleFetcher().fetch("bundle:inter-latin-400-normal.ttf")
    assert response.read() == (FONTS / "inter-latin-400-normal.ttf").read_bytes()


@pytest.mark.parametrize(
    "address",
    [
        "bundle:../print.css",
        "bundle:..%2Fprint.css",
        "bundle:/etc/passwd",
        "bundle://inter-latin-400-normal.ttf",
        "bundle:.ttf",
        "bundle:inter-LICENSE.txt",
        "bundle:a\n.ttf",
        "BUNDLE:inter-latin-400-normal.ttf",
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "https://example.com/",
        "ftp://example.com/",
        "gopher://example.com/",
        "local-file:///etc/passwd",
        " data:text/plain,x",
        "",
    ],
)
def test_every_other_address_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        BundleFetcher().fetch(address)


def test_data_inside_the_document_is_answered() -> None:
    assert BundleFetcher().fetch("data:text/plain;base64,b2s=").read() == b"ok"


def test_a_qr_code_describes_itself_and_is_30_millimetres_wide_with_its_quiet_zone() -> None:
    drawn = QrCode(address="https://privacy.example.com/verify/1", description='Code & "Adresse"').svg()
    assert "<title>Code &amp; &quot;Adresse&quot;</title>" in drawn
    assert 'width="30mm" height="30mm"' in drawn
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', drawn)[1])  # type: ignore[index]
    modules = side - 8
    assert (modules - 17) % 4 == 0
    assert re.search(r'd="M4 4', drawn)
    assert drawn.count("<svg") == drawn.count("</svg>") == 1
