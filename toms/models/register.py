"""The register of technical and organisational measures under Art. 32 GDPR: sets of categories, controls and measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Prefetch, Q
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from publishing.canonical import canonical_json, sha256_of_json
from publishing.models import PrintedVersion
from toms import legal_terms
from toms.models.annex import AnnexCategory, AnnexControl

if TYPE_CHECKING:
    from toms.models.upkeep import MeasureSetDocument


class MeasureSet(PrintedVersion):
    """The measures that protect the processing from one day on; an accepted agreement names one set as its annex."""

    class Meta(PrintedVersion.Meta):
        verbose_name = _("set of measures")
        verbose_name_plural = _("sets of measures")
        permissions = [("approve_measureset", "Can approve sets of measures")]

    def printed(self) -> dict[str, MeasureSetDocument]:
        return self.of_this_approval(self.documents.all())

    def shown_categories(self) -> list[Category]:
        """Return the categories in order, with the controls that hold an implemented measure and those measures alone.

        An annex of measures is a promise, so what is planned or retired stays out of it. Takes three queries at any length.
        """
        implemented = Prefetch("measures", Measure.objects.filter(status=Measure.Status.IMPLEMENTED))
        held = Control.objects.filter(measures__status=Measure.Status.IMPLEMENTED).distinct().prefetch_related(implemented)
        categories = self.categories.prefetch_related(Prefetch("controls", held))
        return [category for category in categories if category.controls.all()]

    def content(self) -> dict[str, object]:
        """Return everything that readers are shown, in both languages; the public JSON file is exactly this."""
        return {"categories": [category.content() for category in self.shown_categories()]}

    def content_json(self) -> bytes:
        """Return the canonical JSON (RFC 8785) whose SHA-256 is the hash of the set."""
        return canonical_json(self.content())

    def content_sha256(self) -> str:
        return sha256_of_json(self.content())

    def as_annex(self, language: str) -> list[AnnexCategory]:
        """Return the annex of technical and organisational measures in the language (Art. 28(3)(c) GDPR)."""
        return [category.as_annex(language) for category in self.shown_categories()]


def require_same_set(row: Control | Measure, parent: str) -> None:
    """Raise ValidationError for a row that would hang on another set's row; the database refuses it as well, but only at the end."""
    holder: Category | Control | None = getattr(row, parent, None)
    if holder is not None and holder.measure_set_id != row.measure_set_id:
        raise ValidationError({parent: _("Choose one of the same version.")})


class Category(models.Model):
    """A heading of the register, such as confidentiality."""

    keeps_published = True

    measure_set = models.ForeignKey(MeasureSet, models.CASCADE, related_name="categories", verbose_name=_("set of measures"))
    key = models.SlugField(_("key"), max_length=40)
    label_de = models.CharField(_("label (German)"), max_length=120)
    label_en = models.CharField(_("label (English)"), max_length=120)
    sort = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category of measures")
        verbose_name_plural = _("categories of measures")
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["measure_set", "key"], name="toms_category_key_once"),
            # What a control refers to, so that the database can refuse a category of another set.
            models.UniqueConstraint(fields=["id", "measure_set"], name="toms_category_of_set"),
        ]

    def __str__(self) -> str:
        return self.label(get_language() or "en")

    def label(self, language: str) -> str:
        return self.label_de if language == "de" else self.label_en

    @property
    def siblings(self) -> models.QuerySet[Category]:
        return Category.objects.filter(measure_set=self.measure_set)

    def content(self) -> dict[str, object]:
        controls = [control.content() for control in self.controls.all()]
        return {"key": self.key, "label": {"de": self.label_de, "en": self.label_en}, "controls": controls}

    def as_annex(self, language: str) -> AnnexCategory:
        return {"key": self.key, "label": self.label(language), "controls": [control.as_annex(language) for control in self.controls.all()]}


class Control(models.Model):
    """What a group of measures achieves; its code is its lasting name, since "access control" names three controls in English."""

    keeps_published = True

    measure_set = models.ForeignKey(MeasureSet, models.CASCADE, related_name="controls", verbose_name=_("set of measures"))
    category = models.ForeignKey(Category, models.CASCADE, related_name="controls", verbose_name=_("category"))
    code = models.CharField(_("code"), max_length=12)
    label_de = models.CharField(_("label (German)"), max_length=120)
    label_en = models.CharField(_("label (English)"), max_length=120)
    aim_de = models.TextField(_("aim (German)"))
    aim_en = models.TextField(_("aim (English)"))
    art32 = ArrayField(models.CharField(max_length=1), verbose_name=_("letters of Art. 32(1) GDPR"), default=list, blank=True)
    iso27001 = ArrayField(models.CharField(max_length=120), verbose_name=_("controls of ISO/IEC 27001, Annex A"), default=list, blank=True)
    sdm = ArrayField(
        models.CharField(max_length=40), verbose_name=_("protection goals of the Standard Data Protection Model"), default=list, blank=True
    )
    sort = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("control")
        verbose_name_plural = _("controls")
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["measure_set", "code"], name="toms_control_code_once"),
            models.UniqueConstraint(F("measure_set"), Lower("label_de"), name="toms_control_german_label_once"),
            models.UniqueConstraint(F("measure_set"), Lower("label_en"), name="toms_control_english_label_once"),
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z][A-Z0-9]*$"), name="toms_control_code_in_capitals"),
            models.CheckConstraint(condition=Q(art32__contained_by=list(legal_terms.LETTERS)), name="toms_control_letters_of_art_32"),
            models.UniqueConstraint(fields=["id", "measure_set"], name="toms_control_of_set"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label(get_language() or 'en')}"

    def label(self, language: str) -> str:
        return self.label_de if language == "de" else self.label_en

    def clean(self) -> None:
        require_same_set(self, "category")

    @property
    def siblings(self) -> models.QuerySet[Control]:
        return Control.objects.filter(category=self.category)

    def aim(self, language: str) -> str:
        return self.aim_de if language == "de" else self.aim_en

    def content(self) -> dict[str, object]:
        return {
            "code": self.code,
            "label": {"de": self.label_de, "en": self.label_en},
            "aim": {"de": self.aim_de, "en": self.aim_en},
            "art32": self.art32,
            "iso27001": self.iso27001,
            "sdm": self.sdm,
            "measures": [measure.content() for measure in self.measures.all()],
        }

    def as_annex(self, language: str) -> AnnexControl:
        measures = list(self.measures.all())
        own = [measure.text(language) for measure in measures if measure.implemented_by == Measure.ImplementedBy.PROVIDER]
        others = [
            measure.text_with_names(language) for measure in measures if measure.implemented_by == Measure.ImplementedBy.SUBPROCESSORS
        ]
        return {
            "code": self.code,
            "label": self.label(language),
            "aim": self.aim(language),
            "art32": legal_terms.article_32(self.art32, language),
            "iso27001": self.iso27001,
            "sdm": [legal_terms.protection_goal(goal, language) for goal in self.sdm],
            "provider_measures": own,
            "subprocessor_measures": others,
            "is_verified": all(measure.last_verified_at for measure in measures),
        }


class Measure(models.Model):
    """One measure in the words that customers read, with what only the provider's people see."""

    class ImplementedBy(models.TextChoices):
        PROVIDER = "provider", _("by us")
        SUBPROCESSORS = "subprocessors", _("by subprocessors")

    class Status(models.TextChoices):
        PLANNED = "planned", _("planned")
        IMPLEMENTED = "implemented", _("implemented")
        RETIRED = "retired", _("retired")

    keeps_published = True

    measure_set = models.ForeignKey(MeasureSet, models.CASCADE, related_name="measures", verbose_name=_("set of measures"))
    control = models.ForeignKey(Control, models.CASCADE, related_name="measures", verbose_name=_("control"))
    key = models.SlugField(_("key"), max_length=60)
    text_de = models.TextField(_("public wording (German)"))
    text_en = models.TextField(_("public wording (English)"))
    internal_detail = models.TextField(_("internal detail, never published"), blank=True, default="")
    implemented_by = models.CharField(_("implemented"), max_length=15, choices=ImplementedBy, default=ImplementedBy.PROVIDER)
    subprocessor_names = ArrayField(
        models.CharField(max_length=200), verbose_name=_("subprocessors that implement it"), default=list, blank=True
    )
    scc_heading = models.CharField(
        _("heading of Annex III to the standard contractual clauses"),
        max_length=20,
        choices=legal_terms.SCC_CHOICES,
        blank=True,
        default="",
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PLANNED)
    owner = models.CharField(_("responsible role"), max_length=120, blank=True, default="")
    next_review_date = models.DateField(_("next review"), null=True, blank=True)
    last_verified_at = models.DateTimeField(_("last verified"), null=True, blank=True)
    sort = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["measure_set", "key"], name="toms_measure_key_once"),
            models.CheckConstraint(condition=Q(implemented_by__in=["provider", "subprocessors"]), name="toms_measure_implemented_by_known"),
            models.CheckConstraint(condition=Q(status__in=["planned", "implemented", "retired"]), name="toms_measure_status_known"),
            models.CheckConstraint(condition=~Q(text_de="") & ~Q(text_en=""), name="toms_measure_in_both_languages"),
            models.CheckConstraint(
                condition=Q(implemented_by="subprocessors") | Q(subprocessor_names__len=0),
                name="toms_measure_names_subprocessors_of_theirs",
                violation_error_message=_("Name subprocessors only for measures that they implement."),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def clean(self) -> None:
        require_same_set(self, "control")

    @property
    def siblings(self) -> models.QuerySet[Measure]:
        return Measure.objects.filter(control=self.control)

    def text(self, language: str) -> str:
        return self.text_de if language == "de" else self.text_en

    def text_with_names(self, language: str) -> str:
        """Return the public wording with the subprocessors that implement it, where they are named."""
        return f"{self.text(language)} ({'; '.join(self.subprocessor_names)})" if self.subprocessor_names else self.text(language)

    def content(self) -> dict[str, object]:
        """Return what readers are shown; what may stay empty is left out then, so that hashes of older sets stay true."""
        named = {"subprocessors": self.subprocessor_names} if self.subprocessor_names else {}
        heading = {"scc_heading": self.scc_heading} if self.scc_heading else {}
        return {
            "key": self.key,
            "implemented_by": self.implemented_by,
            "text": {"de": self.text_de, "en": self.text_en},
            "is_verified": self.last_verified_at is not None,
            **named,
            **heading,
        }
