"""The provider's side: drafts of the register beside the published set."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from customers.access import StaffRequest, staff_page
from publishing.pages import reading_language
from toms import pages, services
from toms.models import MeasureSet
from toms.wizard import REGISTER

LOOK, EDIT = REGISTER.look, REGISTER.edit


@staff_page(LOOK)
@require_safe
def overview(request: StaffRequest) -> HttpResponse:
    """The newest draft beside the published version; without a draft the published one."""
    newest = REGISTER.versions().filter(state__in=["draft", "approved"]).order_by("-created_at").first()
    return version_page(request, newest or REGISTER.current())


@staff_page(LOOK)
@require_safe
def version(request: StaffRequest, pk: int) -> HttpResponse:
    return version_page(request, get_object_or_404(REGISTER.versions(), pk=pk))


def version_page(request: StaffRequest, shown: MeasureSet | None) -> HttpResponse:
    return TemplateResponse(request, "toms/manage.html", pages.desk_page(shown, request.user, reading_language()))


@staff_page(EDIT)
@require_POST
def start_draft(request: StaffRequest) -> HttpResponse:
    draft = services.start_draft(by=request.user, at=timezone.now())
    messages.success(request, _("A new draft was made from the current version."))
    return redirect("manage_toms_version", draft.pk)
