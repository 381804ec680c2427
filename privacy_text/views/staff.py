"""The desk of the templates: draft beside the published version, its remarks, and every text to edit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

import publishing.services
from customers.access import StaffRequest, staff_page
from customers.models import ChannelType
from privacy_text import linting, pages, questions, services
from privacy_text.forms import PartForm, SectionForm
from privacy_text.models import PassageSection, SampleText, SampleTextPart
from privacy_text.wizard import REGISTER
from publishing.models import State
from publishing.pages import reading_language

LOOK, EDIT = REGISTER.look, REGISTER.edit
ROWS: dict[str, tuple[Any, Any]] = {"part": (SampleTextPart, PartForm), "section": (PassageSection, SectionForm)}


@staff_page(LOOK)
@require_safe
def overview(request: StaffRequest) -> HttpResponse:
    """The newest draft beside the published version; without a draft the published one."""
    newest = REGISTER.versions().filter(state__in=[State.DRAFT, State.APPROVED]).order_by("-created_at").first()
    return version_page(request, newest or REGISTER.current())


@staff_page(LOOK)
@require_safe
def version(request: StaffRequest, pk: int) -> HttpResponse:
    return version_page(request, get_object_or_404(REGISTER.versions(), pk=pk))


def version_page(request: StaffRequest, shown: SampleText | None) -> HttpResponse:
    """Show a version's remarks and the texts of one channel type, which the address chooses."""
    types = list(ChannelType.objects.all())
    chosen = next((row for row in types if row.key == request.GET.get("channel_type")), types[0] if types else None)
    context: dict[str, Any] = {
        "section": "manage",
        "version": shown,
        "current": REGISTER.current(),
        "types": [{"key": row.key, "label": row.label(reading_language()), "is_chosen": row == chosen} for row in types],
        "may_edit": request.user.has_perm(EDIT),
    }
    if shown is not None and chosen is not None:
        kinds = SampleTextPart.Kind.values
        context |= {
            "findings": linting.lint(shown, timezone.localdate()),
            "parts": sorted(shown.parts.filter(channel_type=chosen), key=lambda row: (kinds.index(row.kind), row.language)),
            "sections": shown.sections.filter(channel_type=chosen),
            "may_change": context["may_edit"] and shown.state == State.DRAFT,
            "chosen": {"key": chosen.key, "label": chosen.label(reading_language())},
        }
        if not context["parts"] and not context["sections"]:
            context["to_begin_with"] = [{"key": row.key, "label": row.label(reading_language())} for row in pages.types_of(shown)]
    return TemplateResponse(request, "privacy_text/manage.html", context)


@staff_page(EDIT)
@require_POST
def start_draft(request: StaffRequest) -> HttpResponse:
    draft = services.start_draft(by=request.user, at=timezone.now())
    messages.success(request, _("A new draft was made from the current version."))
    return redirect("manage_templates_version", draft.pk)


@staff_page(EDIT)
@require_POST
def begin_type(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a channel type without texts those of another type to begin with."""
    draft = get_object_or_404(SampleText, pk=pk, state=State.DRAFT)
    target = get_object_or_404(ChannelType, key=request.POST.get("channel_type", ""))
    source = get_object_or_404(ChannelType, key=request.POST.get("source", ""))
    try:
        services.begin_type(version=draft, channel_type=target, source=source, by=request.user)
        messages.success(request, _("The texts are copied. Reword what does not fit this type of channel."))
    except (publishing.services.NotADraft, services.TypeHasTexts):
        messages.error(request, _("This channel type has texts already, or the draft was approved."))
    return to_draft(draft.pk, target)


@staff_page(EDIT)
def edit(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    """Change a text of a prompt or a section of a passage in a draft."""
    if kind not in ROWS:
        return TemplateResponse(request, "404.html", status=404)
    model, form_class = ROWS[kind]
    row = get_object_or_404(model.objects.select_related("version", "channel_type"), pk=pk, version__state=State.DRAFT)
    form = form_class(request.POST or None, instance=row)
    if form.is_valid():
        return saved(request, form.save(commit=False))
    context = {
        "section": "manage",
        "form": form,
        "row": row,
        "kind": kind,
        "version": row.version,
        "label": row.channel_type.label(reading_language()),
        "name": row.get_kind_display() if kind == "part" else row.heading(reading_language()) or row.key,
        "placeholders": placeholders(row),
    }
    return TemplateResponse(request, "privacy_text/manage_row.html", context, status=422 if form.errors else 200)


def saved(request: StaffRequest, row: SampleTextPart | PassageSection) -> HttpResponse:
    try:
        services.save_row(row=row, by=request.user)
        messages.success(request, _("Saved in the draft."))
    except publishing.services.NotADraft:
        messages.error(request, _("Only a draft can be changed or approved."))
    return to_draft(row.version_id, row.channel_type)


def to_draft(pk: int, channel_type: ChannelType) -> HttpResponse:
    answer = redirect("manage_templates_version", pk)
    answer.headers["Location"] += f"?channel_type={channel_type.key}"
    return answer


def placeholders(row: SampleTextPart | PassageSection) -> list[tuple[str, str]]:
    """Return the placeholders that the text may use, each with what stands in its place."""
    lists = isinstance(row, PassageSection) and bool(row.recipients)
    known = sorted(questions.known_names() - {questions.COMPANIES}) + (sorted(questions.OF_A_COMPANY) if lists else [])
    return [(f"{{{{ {name} }}}}", questions.question(name).gap) for name in known]
