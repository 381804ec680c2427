"""What an agreement must contain under Art. 28(3) GDPR, and which of it a version lacks."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dpa.models import AgreementText, AgreementVersion
from publishing.markdown import MalformedText, split
from publishing.placeholders import names

ITEMS = {
    "subject_matter": _("subject-matter"),
    "duration": _("duration"),
    "nature": _("nature of the processing"),
    "purpose": _("purpose of the processing"),
    "personal_data_types": _("types of personal data"),
    "data_subject_categories": _("categories of data subjects"),
    "controller_rights": _("obligations and rights of the controller"),
    "a": _("letter (a): documented instructions"),
    "b": _("letter (b): confidentiality"),
    "c": _("letter (c): security of processing"),
    "d": _("letter (d): subprocessors"),
    "e": _("letter (e): assistance with data subjects' rights"),
    "f": _("letter (f): assistance with Articles 32 to 36"),
    "g": _("letter (g): deletion or return"),
    "h": _("letter (h): information and audits"),
    "infringing_instruction": _("last sentence: infringing instructions"),
}
PROVIDER_VALUES = frozenset({"provider_name", "provider_address", "provider_service", "provider_email", "provider_dpo", "storage_country"})
CUSTOMER_VALUES = frozenset({"customer_name", "customer_address", "customer_register", "customer_vat", "customer_role"})
DESCRIPTION = "annex-description#"


def missing(version: AgreementVersion, languages: list[str]) -> list[str]:
    """Return, in words, everything that keeps the version from being approved; an empty list means nothing."""
    texts = {text.language: text for text in version.texts.all()}
    lacks = [
        str(_("the text in %(language)s") % {"language": name})
        for code, name in settings.LANGUAGES
        if code in languages and code not in texts
    ]
    if version.prevailing_language not in texts:
        lacks.append(str(_("the text in the prevailing language")))
    for text in texts.values():
        lacks += missing_in_text(version, text)
    lacks += [
        str(_("what changed, in %(language)s") % {"language": name}) for code, name in settings.LANGUAGES if not version.change_note(code)
    ]
    if version.effective_date is None:
        lacks.append(str(_("the date from which the version applies")))
    return lacks


def missing_in_text(version: AgreementVersion, text: AgreementText) -> list[str]:
    prefix = f"{text.get_language_display()}: "
    try:
        present = {section.key for section in split(text.body)[1]} | {DESCRIPTION + section.key for section in split(text.description)[1]}
    except MalformedText as malformed:
        return [prefix + str(malformed)]
    lacks = [
        prefix + str(label) for item, label in ITEMS.items() if not version.coverage.get(item) or not set(version.coverage[item]) <= present
    ]
    known = PROVIDER_VALUES | CUSTOMER_VALUES | version.parameters.keys()
    unknown = sorted((names(text.body) | names(text.description)) - known)
    lacks += [prefix + str(_("a value for the placeholder %(name)s") % {"name": name}) for name in unknown]
    return lacks
