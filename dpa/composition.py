"""From what was written to what is shown: values filled in, numbers fixed, one plain text that is hashed."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.countries import country_name
from customers.models import Provider
from dpa.coverage import CUSTOMER_VALUES
from dpa.models import AgreementText, AgreementVersion
from publishing.canonical import canonical_text, sha256_of_text
from publishing.markdown import Section, plain_blocks, render, split
from publishing.placeholders import as_markdown, as_text, fill

ANNEXES = ("annex-parties", "annex-description", "annex-measures", "annex-subprocessors")
WIDTH = 100


class NamedParty(Protocol):
    """The customer as an agreement names it: as it is called now, or as it was called when it accepted."""

    @property
    def legal_name(self) -> str: ...
    @property
    def address_lines(self) -> list[str]: ...
    @property
    def register_number(self) -> str: ...
    @property
    def vat_number(self) -> str: ...

    def get_acts_as_display(self) -> str: ...


@dataclass(frozen=True)
class ShownSection:
    """A section as templates print it."""

    key: str
    number: str
    title: str
    html: SafeString


@dataclass(frozen=True)
class ShownAnnex:
    """The heading of an annex; its anchor is ``annex-`` and the key."""

    key: str
    number: str
    title: str


# --- values -----------------------------------------------------------------------------------------------------------


def provider_facts(provider: Provider, language: str) -> dict[str, Any]:
    """Return the processor's facts for the annex of parties, as they stand now."""
    return {
        "name": provider.legal_name,
        "address_lines": list(provider.address_lines),
        "register": provider.register_number,
        "service": provider.service_name,
        "email": provider.email,
        "dpo": ", ".join(filter(None, [provider.dpo_name, provider.dpo_email])),
        "signatory": provider.signatory_name,
        "signatory_function": provider.signatory_function(language),
        "storage_country": country_name(provider.storage_country),
    }


def version_values(version: AgreementVersion, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the values that are the same for every customer."""
    return {
        "provider_name": facts["name"],
        "provider_address": ", ".join(facts["address_lines"]),
        "provider_service": facts["service"],
        "provider_email": facts["email"],
        "provider_dpo": facts["dpo"] or _("not appointed"),
        "storage_country": facts["storage_country"],
        **{name: str(value) for name, value in version.parameters.items()},
    }


def customer_values(customer: NamedParty | None, language: str) -> dict[str, str]:
    """Return the customer's values, or words that say what will stand there."""
    with override(language):
        if customer is None:
            return {name: f"[{label}]" for name, label in blank_labels().items()}
        return {
            "customer_name": customer.legal_name,
            "customer_address": ", ".join(customer.address_lines),
            "customer_register": customer.register_number or _("not stated"),
            "customer_vat": customer.vat_number or _("not stated"),
            "customer_role": str(customer.get_acts_as_display()),
        }


def blank_labels() -> dict[str, str]:
    return {
        "customer_name": _("legal name of the customer"),
        "customer_address": _("address of the customer"),
        "customer_register": _("register number of the customer"),
        "customer_vat": _("VAT number of the customer"),
        "customer_role": _("controller, or processor for others"),
    }


# --- fixing a text at approval ----------------------------------------------------------------------------------------


def fix(text: AgreementText, provider: Provider) -> None:
    """Fill in the provider's facts and the parameters, write the plain text and hash it; customer values stay open."""
    version = text.version
    with override(text.language):
        facts = provider_facts(provider, text.language)
        values = version_values(version, facts) | {name: f"{{{{ {name} }}}}" for name in CUSTOMER_VALUES}
        text.provider_facts = facts
        text.filled_body = fill(text.body, {n: v if n in CUSTOMER_VALUES else as_markdown(v) for n, v in values.items()})
        text.filled_description = fill(text.description, {n: v if n in CUSTOMER_VALUES else as_markdown(v) for n, v in values.items()})
        text.plain_text = canonical_text(plain_text(text))
        text.sha256 = sha256_of_text(text.plain_text)
    text.save()


def shown_text(text: AgreementText, customer: NamedParty | None) -> str:
    """Return the plain text with the customer's values: what this customer is shown."""
    return fill(text.plain_text, customer_values(customer, text.language), as_text)


def shown_sha256(text: AgreementText, customer: NamedParty) -> str:
    return sha256_of_text(shown_text(text, customer))


# --- sections, annexes and the plain text -----------------------------------------------------------------------------


def heading_number(language: str, position: int) -> str:
    return f"§ {position}" if language == "de" else f"{position}."


def labels(text: AgreementText) -> dict[str, str]:
    """Return the label that a reference to each section or annex prints."""
    section = "§ {}" if text.language == "de" else "section {}"
    annex = "Anlage {}" if text.language == "de" else "Annex {}"
    keys = [part.key for part in split(text.filled_body or text.body)[1]]
    return {key: section.format(n) for n, key in enumerate(keys, start=1)} | {
        key: annex.format(n) for n, key in enumerate(ANNEXES, start=1)
    }


def annexes(text: AgreementText) -> list[ShownAnnex]:
    with override(text.language):
        titles = [_("Parties"), _("Description of the processing"), _("Technical and organisational measures"), _("Subprocessors")]
    names = labels(text)
    return [ShownAnnex(key.removeprefix("annex-"), names[key], title) for key, title in zip(ANNEXES, titles, strict=True)]


def sections(text: AgreementText, customer: NamedParty | None) -> list[ShownSection]:
    """Return the numbered sections of the body as HTML, with the customer's values."""
    parts = split(text.filled_body)[1]
    return [shown(part, heading_number(text.language, n), text, customer) for n, part in enumerate(parts, start=1)]


def description_sections(text: AgreementText, customer: NamedParty | None) -> list[ShownSection]:
    parts = split(text.filled_description)[1]
    return [shown(part, f"{n}.", text, customer, prefix="description-") for n, part in enumerate(parts, start=1)]


def shown(part: Section, number: str, text: AgreementText, customer: NamedParty | None, prefix: str = "") -> ShownSection:
    body = fill(part.body, customer_values(customer, text.language), as_markdown)
    return ShownSection(part.key, number, part.title, render(body, anchor=prefix + part.key, labels=labels(text)))


def preamble(text: AgreementText, customer: NamedParty | None) -> SafeString:
    before = fill(split(text.filled_body)[0], customer_values(customer, text.language), as_markdown)
    return render(before, labels=labels(text))


def plain_text(text: AgreementText) -> str:
    """Return the whole agreement with all annexes as plain text, in the text's language."""
    version = text.version
    heads = annexes(text)
    effective = date_format(version.effective_date, "DATE_FORMAT") if version.effective_date else ""
    blocks = [text.title, _("Version %(number)s, applies from %(date)s") % {"number": version.number, "date": effective}]
    blocks += plain_sections(text, text.filled_body, numbered=True)
    blocks += [headline(heads[0]), *parties_lines(text)]
    blocks += [headline(heads[1]), *plain_sections(text, text.filled_description, numbered=False)]
    blocks += [headline(heads[2]), *measures_lines(text)]
    blocks += [headline(heads[3]), *subprocessor_lines(text)]
    return "\n\n".join(textwrap.fill(block, WIDTH, break_long_words=False, break_on_hyphens=False) for block in blocks if block)


def headline(annex: ShownAnnex) -> str:
    return f"{annex.number}: {annex.title}"


def plain_sections(text: AgreementText, source: str, *, numbered: bool) -> list[str]:
    before, parts = split(source)
    names = labels(text)
    lines = plain_blocks(before, names)
    for n, part in enumerate(parts, start=1):
        number = heading_number(text.language, n) if numbered else f"{n}."
        lines += [f"{number} {part.title}", *plain_blocks(part.body, names)]
    return lines


def parties_lines(text: AgreementText) -> list[str]:
    facts = text.provider_facts
    return [
        _("Processor: %(name)s, %(address)s") % {"name": facts["name"], "address": ", ".join(facts["address_lines"])},
        _("Signed for the processor by: %(name)s, %(function)s") % {"name": facts["signatory"], "function": facts["signatory_function"]},
        _("Contact for data protection: %(email)s") % {"email": facts["email"]},
        _("Customer: %(name)s, %(address)s") % {"name": "{{ customer_name }}", "address": "{{ customer_address }}"},
        _("Register number: %(number)s") % {"number": "{{ customer_register }}"},
        _("VAT number: %(number)s") % {"number": "{{ customer_vat }}"},
        _("The customer acts as: %(role)s") % {"role": "{{ customer_role }}"},
    ]


def measures_lines(text: AgreementText) -> list[str]:
    chosen = text.version.measure_set
    assert chosen is not None  # pinned before a text is fixed
    lines = [_("Version %(number)s, SHA-256 %(hash)s") % {"number": chosen.number, "hash": chosen.sha256}]
    for category in chosen.as_annex(text.language):
        lines.append(category["label"])
        for control in category["controls"]:
            lines.append(f"{control['code']} {control['label']}: {control['aim']}")
            lines += [_("By the processor: %(text)s") % {"text": measure} for measure in control["provider_measures"]]
            lines += [_("By subprocessors: %(text)s") % {"text": measure} for measure in control["subprocessor_measures"]]
    return lines


def subprocessor_lines(text: AgreementText) -> list[str]:
    chosen = text.version.subprocessor_list
    assert chosen is not None  # pinned before a text is fixed
    lines = [_("Version %(number)s, SHA-256 %(hash)s") % {"number": chosen.number, "hash": chosen.sha256}]
    for entry in chosen.as_annex(text.language):
        facts = [entry["legal_name"], ", ".join(entry["address_lines"]), entry["purpose"], entry["delimitation"]]
        facts += [entry["data_categories"], entry["processing_locations"], entry["transfer_basis"], entry["transfer_detail"]]
        lines.append("; ".join(fact for fact in facts if fact))
    return lines
