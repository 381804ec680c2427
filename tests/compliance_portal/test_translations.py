"""Every phrase of the portal has its German."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

from tests.test_architecture import LEVELS, ROOT

CATALOGUE = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"
KEYWORDS = (
    "gettext_lazy",
    "gettext_noop",
    "ngettext:1,2",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "pgettext_lazy:1c,2",
    "npgettext:1c,2,3",
    "npgettext_lazy:1c,2,3",
)


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the catalogue merged with all that code and templates say."""
    folder = tmp_path_factory.mktemp("phrases")
    sources = [path for app in LEVELS for path in sorted((ROOT / app).rglob("*.py"))]
    for number, template in enumerate(sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))):
        source = folder / f"{number}.py"
        source.write_text(templatize(template.read_text(), origin=str(template)))
        sources.append(source)
    keywords = [f"--keyword={each}" for each in KEYWORDS]
    run("xgettext", "--language=Python", "--from-code=UTF-8", "--no-location", *keywords, "-o", folder / "all.pot", *sources)
    run("msgmerge", "--quiet", "--no-fuzzy-matching", "-o", folder / "merged.po", CATALOGUE, folder / "all.pot")
    return folder / "merged.po"


def phrases(catalogue: Path, which: str) -> list[str]:
    return [
        line
        for line in run("msgattrib", which, "--no-wrap", catalogue).splitlines()
        if line.removeprefix("#~ ").startswith("msgid ") and line != 'msgid ""'
    ]


def test_every_phrase_has_its_german(merged: Path) -> None:
    assert phrases(merged, "--untranslated") == []
