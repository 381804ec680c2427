"""What lies in the file of a request: who asked, what the desk did, what it noted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deletion.models.cases import CaseFile


class CasePerson(models.Model):
    """Who asked and about which identifier; goes thirty days after the end, an identifier as soon as it was erased."""

    case = models.OneToOneField(CaseFile, models.PROTECT, related_name="person", verbose_name=_("request"))
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    identifier = models.TextField(_("identifier"), blank=True)
    message = models.CharField(_("message"), max_length=2000, blank=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("person who asked")
        verbose_name_plural = _("people who asked")

    def __str__(self) -> str:
        return str(self.pk)


class CaseEvent(models.Model):
    """One thing that the desk did: a code, who and when."""

    append_only = True

    case = models.ForeignKey(CaseFile, models.PROTECT, related_name="events", verbose_name=_("request"))
    code = models.CharField(_("what happened"), max_length=40)
    detail = models.CharField(_("detail"), max_length=40, blank=True)
    by_reference = models.UUIDField(_("reference of the person"), null=True)
    by_name = models.CharField(_("member of staff"), max_length=150, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("event of a request")
        verbose_name_plural = _("events of requests")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z0-9_.]+$") & Q(detail__regex=r"^[A-Za-z0-9_.:-]*$"), name="deletion_case_event_is_a_code"
            )
        ]

    def __str__(self) -> str:
        return self.code


class CaseNote(models.Model):
    """What a member of staff wrote down about a request; never changed."""

    append_only = True

    case = models.ForeignKey(CaseFile, models.PROTECT, related_name="notes", verbose_name=_("request"))
    text = models.TextField(_("note"), max_length=4000)
    by_name = models.CharField(_("member of staff"), max_length=150)
    at = models.DateTimeField(_("at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("note on a request")
        verbose_name_plural = _("notes on requests")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return str(self.pk)
