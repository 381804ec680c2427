"""One entry of the draft, entered by hand or read from a row of a CSV file: the same fields, the same checks."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import slug_re
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.models import ChannelType
from publishing.tables import plain
from subprocessors.countries import EEA, NAMES, country_names
from subprocessors.drafting import kind_by_words
from subprocessors.models import Subprocessor, SubprocessorList
from subprocessors.models.entry import LONGEST_SLUG, RESERVED_SLUGS
from subprocessors.transfers import FALLBACKS

BETWEEN = re.compile(r"[;,|\n]+")
CSV_COLUMNS: tuple[str, ...] = ("slug", "kind", "legal_name", "register_number", "service_name", "address", "seat_country", "contact")
CSV_COLUMNS += ("service_kind", "purpose_de", "purpose_en", "data_categories_de", "data_categories_en", "channel_types")
CSV_COLUMNS += (
    "delimitation_de",
    "delimitation_en",
    "processing_locations",
    "remote_access_countries",
    "transfer_basis",
    "transfer_detail_de",
)
CSV_COLUMNS += ("transfer_detail_en", "fallback_basis", "checked_at", "contract_date", "contract_reference", "own_list_url")
CSV_COLUMNS += ("verification_note_de", "verification_note_en", "is_verified")
MAY_LACK = {"slug", "service_kind"}  # a new entry has no name yet; older files had no kind of service
YES = ("yes", "ja", "true", "1")
LARGEST_FILE = 1_000_000  # bytes
MOST_ROWS = 1000


class CountriesField(forms.CharField):
    """Countries in words of either language or as codes (ISO 3166-1), separated by commas; gives the list of codes."""

    def to_python(self, value: Any) -> Any:
        names = [name.strip() for name in BETWEEN.split(super().to_python(value) or "") if name.strip()]
        known = {text.casefold(): code for code, texts in NAMES.items() for text in (code, *texts)} | {"usa": "US", "uk": "GB"}
        unknown = [name for name in names if name.casefold() not in known]
        if unknown:
            text = _("No country is called %(names)s. Write its name or its code, such as DE.")
            raise forms.ValidationError(text, code="country", params={"names": ", ".join(unknown)})
        return list(dict.fromkeys(known[name.casefold()] for name in names))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(country_names(value, get_language() or "de")) if isinstance(value, list) else value


class CountryField(CountriesField):
    """One country; gives its code."""

    def to_python(self, value: Any) -> Any:
        codes = super().to_python(value)
        if len(codes) > 1:
            raise forms.ValidationError(_("Enter one country alone."), code="country")
        return codes[0] if codes else ""

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value([value]) if value in NAMES else value


class LinesField(forms.CharField):
    """One item a line; gives the list of items."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in re.split(r"[\n|]+", super().to_python(value) or "") if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class TransferRules:
    """What a basis of the transfer asks for beyond the rules of the table; for the desk's form and the administration's."""

    def clean(self) -> dict[str, Any]:
        form = cast(Any, self)
        cleaned: dict[str, Any] = super().clean() or form.cleaned_data  # type: ignore[misc]
        if cleaned.get("transfer_basis") == Subprocessor.TransferBasis.DPF:
            if not cleaned.get("fallback_basis"):
                form.add_error("fallback_basis", _("Choose the basis that counts when the Data Privacy Framework falls"))
            if not cleaned.get("checked_at"):
                form.add_error("checked_at", _("Enter when the company’s listing in the Data Privacy Framework was checked"))
        if cleaned.get("transfer_basis") == Subprocessor.TransferBasis.NONE_EEA and (abroad := outside_eea(cleaned)):
            text = _("Choose the basis of the transfer: %(countries)s lies outside the EEA (Art. 44 GDPR)")
            form.add_error("transfer_basis", forms.ValidationError(text, params={"countries": ", ".join(abroad)}))
        return cleaned


def outside_eea(cleaned: Mapping[str, Any]) -> list[str]:
    """Return the names of the countries outside the EEA that an entry has to do with."""
    lists = (cleaned.get("processing_locations") or [], cleaned.get("remote_access_countries") or [])
    codes = [cleaned.get("seat_country") or "", *(code for each in lists for code in each)]
    return country_names(sorted({code for code in codes if code in NAMES and code not in EEA}), get_language() or "de")


FIELDSETS = (
    (_("Company"), ("kind", "legal_name", "register_number", "service_name", "address", "seat_country", "contact")),
    (_("Task"), ("service_kind", "purpose_de", "purpose_en", "delimitation_de", "delimitation_en", "channel_types")),
    (_("Data"), ("data_categories_de", "data_categories_en")),
    (
        _("Places and transfer"),
        (
            "processing_locations",
            "remote_access_countries",
            "transfer_basis",
            "fallback_basis",
            "checked_at",
            "transfer_detail_de",
            "transfer_detail_en",
        ),
    ),
    (_("Contract"), ("contract_date", "contract_reference", "own_list_url")),
    (_("Verification, never published"), ("verification_note_de", "verification_note_en", "is_verified")),
)


class EntryForm(TransferRules, forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """An entry; a wording that is still missing in one language is marked in the list and stops the publication, not the draft."""

    seat_country = CountryField(label=_("Country of the seat"))
    processing_locations = CountriesField(
        label=_("Countries of processing"),
        required=False,
        help_text=_("Where the data is, whatever the seat. Separate countries by commas."),
    )
    remote_access_countries = CountriesField(
        label=_("Countries with remote access"), required=False, help_text=_("From where people can reach the data.")
    )
    data_categories_de = LinesField(label=_("Categories of data (German)"), required=False, help_text=_("One a line."))
    data_categories_en = LinesField(label=_("Categories of data (English)"), required=False, help_text=_("One a line."))
    channel_types = forms.MultipleChoiceField(label=_("Channel types"), required=False, widget=forms.CheckboxSelectMultiple)
    own_list_url = forms.URLField(label=_("Address of its own list of subprocessors"), required=False, assume_scheme="https")
    is_verified = forms.BooleanField(
        label=_("I have verified these facts"), required=False, help_text=_("Without it, readers see “Sample – not verified”.")
    )

    class Meta:
        model = Subprocessor
        fields = [name for _title, names in FIELDSETS for name in names if name != "is_verified"]
        widgets = {
            "kind": forms.RadioSelect,
            "service_kind": forms.RadioSelect,
            "address": forms.Textarea(attrs={"rows": 3}),
            "transfer_basis": forms.RadioSelect,
            **{name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in ("checked_at", "contract_date")},
        }
        error_messages = {
            "legal_name": {"required": _("Enter the legal name")},
            "address": {"required": _("Enter the address")},
            "purpose_de": {"required": _("Say in German what the company does")},
            "service_kind": {"required": _("Choose the kind of service")},
            "transfer_basis": {"required": _("Choose the basis of the transfer")},
        }

    def __init__(self, *args: Any, at: datetime.datetime, types: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        """``types`` are the labels of channel types, where many forms share them."""
        super().__init__(*args, **kwargs)
        self.at = at
        self.fields["purpose_en"].required = False
        self.fields["contact"].required = False
        self.fields["service_kind"].required = True
        self.fields["service_kind"].choices = Subprocessor.ServiceKind.choices  # type: ignore[attr-defined]  # no empty choice to tick
        self.fields["service_kind"].help_text = _("A passage names content delivery networks in a section of their own.")
        self.fields["channel_types"].choices = list((types or channel_type_labels()).items())  # type: ignore[attr-defined]
        self.initial["is_verified"] = self.instance.is_verified
        self.fields["transfer_basis"].choices = Subprocessor.TransferBasis.choices  # type: ignore[attr-defined]  # no empty choice to tick
        fallbacks = [(value, label) for value, label in Subprocessor.TransferBasis.choices if value in FALLBACKS]
        self.fields["fallback_basis"].choices = [("", _("none")), *fallbacks]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if not isinstance(field.widget, (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)):
                field.widget.attrs.setdefault("class", "input")
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 3 if name == "address" else 4

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        is_verified, was = cleaned.get("is_verified"), self.instance.last_verified_at
        self.instance.last_verified_at = (self.at if self.changed_data or not was else was) if is_verified else None
        return cleaned

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields as the page shows them."""
        return [(title, [self[name] for name in names]) for title, names in FIELDSETS]


class ImportForm(forms.Form):
    """A CSV file of entries, checked row by row; what is wrong in any row keeps all of them out."""

    file = forms.FileField(
        label=_("CSV file"),
        error_messages={"required": _("Choose a CSV file"), "empty": _("The file is empty")},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    replaces = forms.BooleanField(
        label=_("Entries that the file does not name leave the draft"), required=False, help_text=_("The file’s order counts then.")
    )

    def __init__(self, *args: Any, draft: SubprocessorList | None, at: datetime.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {entry.slug: entry for entry in draft.entries.all()} if draft else {}
        self.at = at
        self.types = channel_type_labels()
        self.entries: list[Subprocessor] = []

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 1 MB. A register is much smaller."))
        rows = rows_of(file.read())
        errors: list[forms.ValidationError] = []
        seen: set[str] = set()
        for line, row in rows:
            errors += self.take(line, row, seen)
        if errors:
            raise forms.ValidationError(errors)
        return file

    def take(self, line: int, row: Mapping[str, str], seen: set[str]) -> list[forms.ValidationError]:
        """Check one row and keep its entry; return what is wrong with it."""
        slug = row.get("slug", "")
        if slug and slug in seen:
            text = _("Line %(line)d: the name %(slug)s stands there twice.")
            return [forms.ValidationError(text, params={"line": line, "slug": slug})]
        seen.add(slug)
        if slug and (slug in RESERVED_SLUGS or not slug_re.match(slug) or len(slug) > LONGEST_SLUG):
            return [forms.ValidationError(_("Line %(line)d: %(slug)s cannot be a name in addresses."), params={"line": line, "slug": slug})]
        entry = self.known.get(slug) or Subprocessor(slug=slug)
        form = EntryForm(form_data(row, entry), instance=entry, at=self.at, types=self.types)
        if form.is_valid():
            self.entries.append(form.save(commit=False))
            return []
        text = _("Line %(line)d, %(field)s: %(error)s")
        return [
            forms.ValidationError(text, params={"line": line, "field": name if name != "__all__" else "–", "error": error})
            for name, messages in form.errors.items()
            for error in messages
        ]


def rows_of(content: bytes) -> Sequence[tuple[int, dict[str, str]]]:
    """Return each row with its line; raises ValidationError for a file that is no table of entries."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise forms.ValidationError(_("The file is not in UTF-8. Save it as “CSV UTF-8”.")) from error
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    columns = reader.fieldnames or []
    missing, unknown = set(CSV_COLUMNS) - MAY_LACK - set(columns), set(columns) - set(CSV_COLUMNS)
    if missing or unknown:
        sentence = _(
            "The columns do not fit. Missing: %(missing)s. Unknown: %(unknown)s. Export the draft to see how the file has to look."
        )
        raise forms.ValidationError(sentence, params={"missing": listed(missing), "unknown": listed(unknown)})
    rows = [(reader.line_num, {name: plain(value or "").strip() for name, value in row.items() if name}) for row in reader]
    if not rows or len(rows) > MOST_ROWS:
        raise forms.ValidationError(_("The file holds no rows, or more than a thousand."))
    return rows


def listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "–"


def channel_type_labels() -> dict[str, str]:
    return ChannelType.objects.labels(get_language() or "de")


def form_data(row: Mapping[str, str], entry: Subprocessor) -> MultiValueDict[str, str]:
    """Return the row as the form would have been sent; a file without the kind of service leaves it as it is, or as the purpose says."""
    fields = MultiValueDict({name: [value] for name, value in row.items() if name not in ("slug", "channel_types", "is_verified")})
    fields.setlist("channel_types", [part.strip() for part in BETWEEN.split(row["channel_types"]) if part.strip()])
    if "service_kind" not in row:
        worded = Subprocessor(purpose_de=row["purpose_de"], purpose_en=row["purpose_en"])
        fields["service_kind"] = entry.service_kind or kind_by_words(worded)
    if row["is_verified"].casefold() in YES:
        fields["is_verified"] = "on"
    return fields
