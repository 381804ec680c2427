"""The countries that a company's address may name: the EU, the EEA, and the neighbours that customers come from."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

COUNTRIES = {
    "AT": _("Austria"),
    "BE": _("Belgium"),
    "BG": _("Bulgaria"),
    "CH": _("Switzerland"),
    "CY": _("Cyprus"),
    "CZ": _("Czechia"),
    "DE": _("Germany"),
    "DK": _("Denmark"),
    "EE": _("Estonia"),
    "ES": _("Spain"),
    "FI": _("Finland"),
    "FR": _("France"),
    "GB": _("United Kingdom"),
    "GR": _("Greece"),
    "HR": _("Croatia"),
    "HU": _("Hungary"),
    "IE": _("Ireland"),
    "IS": _("Iceland"),
    "IT": _("Italy"),
    "LI": _("Liechtenstein"),
    "LT": _("Lithuania"),
    "LU": _("Luxembourg"),
    "LV": _("Latvia"),
    "MT": _("Malta"),
    "NL": _("Netherlands"),
    "NO": _("Norway"),
    "PL": _("Poland"),
    "PT": _("Portugal"),
    "RO": _("Romania"),
    "SE": _("Sweden"),
    "SI": _("Slovenia"),
    "SK": _("Slovakia"),
    "US": _("United States"),
}


def country_name(code: str) -> str:
    """Return the country's name in the active language; an unknown code stays as it is."""
    return str(COUNTRIES.get(code, code))


def country_choices() -> list[tuple[str, str]]:
    """Return the choices of an address form, sorted by name in the active language."""
    return sorted(((code, str(name)) for code, name in COUNTRIES.items()), key=lambda choice: _sort_key(choice[1]))


def _sort_key(name: str) -> str:
    """Sort umlauts with their vowel, as DIN 5007 does."""
    return name.casefold().translate(str.maketrans("äöü", "aou"))
