"""Spaces that must not break and words that may: for text on its way to a reader, never for text that is stored or hashed."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, pgettext_lazy

NO_BREAK_SPACE = "\u00a0"
SOFT_HYPHEN = "\u00ad"
ZONES = {"CET": pgettext_lazy("time zone", "CET"), "CEST": pgettext_lazy("time zone", "CEST")}

_LAWS = "DS-?GVO|GDPR|BDSG|BGB|TDDDG|HGB|AO|UWG|BFSG|DDG|EUV|AEUV"
_SIZES = "kB|MB|GB|TB|KB|Byte|Bytes|bytes|%|€|EUR|mm|cm|pt|px"
_ONE_LETTER = r"lit\.[ \u00a0][a-z]{1,2}"
_GERMAN_MONTHS = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
_ENGLISH_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"

_EVERYWHERE = (
    ("§§?", r"\d"),
    (r"\d+", f"(?:{_SIZES})(?!\\w)"),
    (rf"\d+[a-z]?|\d+\([a-z0-9]+\)|\([a-z]\)|{_ONE_LETTER}", f"(?:{_LAWS})\\b"),
    (r"GmbH|AG|KG|Co\.|SE|UG", r"&|KG\b|KGaA\b|OHG\b"),
    (r"&|&amp;", r"Co\."),
    (r"\S+", "–(?: |$)"),
)
_GERMAN = (
    (r"Art\.|Artt\.|Artikel|Abs\.|Absatz|UAbs\.|Satz|Nr\.|Ziff\.|Kap\.|Rn\.|Anlage|Anhang|Fassung|Seite|Kapitel", r"\d|[IVX]+\b"),
    (r"lit\.|Buchst\.|Buchstabe", r"[a-z]{1,2}\b"),
    (r"\d+[a-z]?", r"(?:Abs\.|UAbs\.|Satz|lit\.|Nr\.)"),
    (r"\d{1,2}\.", rf"(?:{_GERMAN_MONTHS})\b"),
    (r"\d+", r"(?:Uhr|Tage?n?|Werktage?n?|Wochen?|Monate?n?|Jahre?n?|Stunden?|Minuten?|Sekunden?|Seiten?|Einträgen?|Einträge)\b"),
    (r"z\.|d\.|u\.|o\.|i\.|a\.|V\.|S\.", r"(?:B|h|a|ä|U|T|V|m|S|d|O|R|v)\."),
)
_ENGLISH = (
    (
        r"Art\.|Articles?|Sections?|Sec\.|paragraphs?|para\.|points?|No\.|Clauses?|Annex|[Vv]ersion|Page|page|Chapter",
        r"\(?\d|\([a-z]\)|[IVX]+\b",
    ),
    (r"\d{1,2}", rf"(?:{_ENGLISH_MONTHS})\b"),
    (_ENGLISH_MONTHS, r"\d{1,2}\b"),
    (r"\d+", r"(?:days?|weeks?|months?|years?|hours?|minutes?|seconds?|pages?|entries|entry|a\.m\.|p\.m\.)(?!\w)"),
    (r"Mr|Ms|Dr", r"[A-Z]"),
)

_BREAKABLE_WORDS = (
    "Auftrags|verarbeitungs|vertrag",
    "Auftrags|verarbeitung",
    "Auftrags|verarbeiter",
    "Unter|auftrags|verarbeiter",
    "Datenschutz|erklärung",
    "Datenschutz|beauftragte",
    "Datenschutz|hinweise",
    "Datenschutz|grund|verordnung",
    "Aufsichts|behörde",
    "Barriere|freiheits|erklärung",
    "Barriere|freiheit",
    "Standard|vertrags|klauseln",
    "Angemessenheits|beschluss",
    "Kündigungs|bestätigung",
    "Benachrichtigungs|einstellungen",
    "Sicherheits|maßnahmen",
    "Zugriffs|kontrolle",
    "Zutritts|kontrolle",
    "Zugangs|kontrolle",
    "Eingabe|kontrolle",
    "Weitergabe|kontrolle",
    "Verfügbarkeits|kontrolle",
    "Trennungs|kontrolle",
    "Wieder|herstellbarkeit",
    "Pseudonymi|sierung",
    "Zeichnungs|berechtigung",
    "zeichnungs|berechtigt",
    "Verantwort|licher",
    "Unternehmens|angaben",
    "Zusammen|fassung",
    "Organisa|torische",
    "Verschlüs|selung",
    "Benach|richtigung",
    "Sicherheits|schlüssel",
    "Wieder|herstellungs|code",
    "Lösch|bescheinigung",
    "Datenschutz|informationen",
    "Datenschutz|vorschriften",
    "Aufbewahrungs|frist",
    "Verarbeitungs|tätigkeiten",
    "Identifikations|nummer",
    "Maßnahmen|kategorie",
    "Inhalts|verzeichnis",
    "Vertrags|bestandteil",
    "Vertrags|kündigung",
    "Kanal|verantwortliche",
    "Gewährleistungs|ziele",
)


def _ties(pairs: Iterable[tuple[str, str]]) -> tuple[re.Pattern[str], ...]:
    """Compile pairs of what stands left and right of a space that must hold; only the left side is consumed, so chains work."""
    return tuple(re.compile(rf"((?<!\w)(?:{left})) (?={right})") for left, right in pairs)


_TIES = {"de": _ties((*_EVERYWHERE, *_GERMAN)), "en": _ties((*_EVERYWHERE, *_ENGLISH))}
_TAG = re.compile(r"(<[^>]*>)")
_BREAKS = {word.replace("|", "").lower(): word.split("|") for word in _BREAKABLE_WORDS}
_BREAKABLE = re.compile("|".join(sorted(_BREAKS, key=len, reverse=True)), re.IGNORECASE)


def with_held_spaces(text: str, language: str) -> str:
    """Return the text with no-break spaces where German or English typography holds words together; tags stay as they are."""
    return "".join(part if _TAG.fullmatch(part) else _held(part, language) for part in _TAG.split(text))


def with_soft_hyphens(text: str, language: str) -> str:
    """Return the text with soft hyphens in the long German words that browsers without a dictionary would break anywhere."""
    if language != "de":
        return text
    return "".join(part if _TAG.fullmatch(part) else _BREAKABLE.sub(_softened, part) for part in _TAG.split(text))


def file_size(number: int) -> str:
    """Return a number of bytes as people read it, in decimal units: ``312 kB``, ``1,5 MB``."""
    if number < 1_000_000:
        return f"{max(1, round(number / 1000))}{NO_BREAK_SPACE}kB"
    return f"{number_format(round(number / 1_000_000, 1), 1)}{NO_BREAK_SPACE}MB"


def to_the_second(at: datetime.datetime) -> str:
    """Say when something happened as evidence needs it: day, clock with seconds, time zone by its name in the language."""
    return f"{date_format(timezone.localtime(at), 'DATE_FORMAT')}, {clock(at)}"


def clock(at: datetime.datetime) -> str:
    """Say the time of the day to the second, with the time zone by its name in the language."""
    local = timezone.localtime(at)
    zone = ZONES.get(local.tzname() or "", local.tzname())
    return gettext("%(time)s (%(zone)s)") % {"time": date_format(local, "H:i:s"), "zone": zone}


def _held(text: str, language: str) -> str:
    for tie in _TIES.get(language, _TIES["en"]):
        text = tie.sub(rf"\1{NO_BREAK_SPACE}", text)
    return text


def _softened(match: re.Match[str]) -> str:
    word, start, pieces = match[0], 0, []
    for piece in _BREAKS[word.lower()]:
        pieces.append(word[start : start + len(piece)])
        start += len(piece)
    return SOFT_HYPHEN.join(pieces)
