"""Fit a text: answers, choices, words; take the template; preview, drafts, files. The same pages for prompts and passages."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.access import CustomerRequest, role_required
from customers.models import ChannelType
from privacy_text import channel_pages, services
from privacy_text.channel_forms import ChannelTextForm, PlacementForm, asked_of
from privacy_text.handing_out import FORMS, OpenPlaces, hand_out
from privacy_text.models import ChannelText, ChannelTextDraft, TextKind
from privacy_text.reading import (
    TextKey,
    all_answers,
    as_composed,
    asked_by,
    choices_from,
    choices_of,
    composed,
    current_sources,
    has_own_words,
    latest,
    replaced_by,
    sources_of,
    stored,
    wordings_of,
)
from privacy_text.views.channels import LOOKS_AFTER_CHANNELS, channel_of

BASED_ON = re.compile("[0-9]{1,9}")
TEMPLATES = {TextKind.OPT_IN: "privacy_text/channel_opt_in.html", TextKind.PASSAGE: "privacy_text/channel_passage.html"}


def key_of(request: CustomerRequest, number: int, kind: str) -> TextKey:
    """Return which text the address names; an unknown language is the page's own."""
    wanted = request.GET.get("language", "")
    language = wanted if wanted in dict(settings.LANGUAGES) else request.LANGUAGE_CODE
    return TextKey(channel_of(request, number), kind, language)


def based_on(request: CustomerRequest) -> int:
    """Return the number of the text that the person had before her; 0 for none, and for what no page of ours sends."""
    number = request.POST.get("based_on", "")
    return int(number) if BASED_ON.fullmatch(number) else 0


def form_of(request: CustomerRequest, key: TextKey, text: ChannelText | None, draft: ChannelTextDraft | None = None) -> ChannelTextForm:
    """Return the form with what was sent, or with the person's draft, or with the text as it was saved."""
    sources = sources_of(text, timezone.localdate()) if text and not text.is_own else current_sources(timezone.localdate())
    choices = choices_from(text.choices) if text and text.choices else choices_of(key.channel)
    data: Any = request.POST if request.method == "POST" else (draft.fields if draft else None)
    return ChannelTextForm(
        data,
        kind=key.kind,
        language=key.language,
        wordings=stored(text.wordings) if text else [],
        asked=[name for name in asked_of(key.kind) if not text or text.is_own or name in asked_by(key, sources, choices)],
        answers=all_answers(key, sources, text.values if text else None),
        choices=choices,
        is_messenger=type_of(key).kind == ChannelType.Kind.MESSENGER,
        based_on=text.number if text else 0,
    )


def type_of(key: TextKey) -> ChannelType:
    return get_object_or_404(ChannelType, key=key.channel.channel_type)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*LOOKS_AFTER_CHANNELS)
def text(request: CustomerRequest, number: int, kind: str) -> HttpResponse:
    """Show the text with its preview, and save it."""
    key = key_of(request, number, kind)
    now_saved = latest(key)
    if request.method != "POST":
        draft = ChannelTextDraft.objects.filter(channel=key.channel, kind=kind, language=key.language, user=request.user).first()
        return text_page(request, key, now_saved, form_of(request, key, now_saved, draft), draft=draft)
    form = form_of(request, key, now_saved)
    return save(request, key, now_saved, form) if form.is_valid() else text_page(request, key, now_saved, form, status=422)


def save(request: CustomerRequest, key: TextKey, now_saved: ChannelText | None, form: ChannelTextForm) -> HttpResponse:
    """Save, or say why not: somebody else was first, or nothing is written."""
    based_on = form.cleaned_data["based_on"] or 0
    try:
        row = services.save_text(key=key, edited=form.edited(), based_on=based_on, by=request.user, at=timezone.now())
    except services.SavedMeanwhile as meanwhile:
        mine = services.outcome(key, meanwhile.text, form.edited(), timezone.localdate()).wordings
        context = {"meanwhile": meanwhile.text, "difference": channel_pages.differences(stored(meanwhile.text.wordings), mine)}
        return text_page(request, key, meanwhile.text, form, status=HTTPStatus.CONFLICT, more=context)
    except services.NothingToSave:
        form.add_error(None, _("Write at least one paragraph, or use the template"))
        return text_page(request, key, now_saved, form, status=422)
    messages.success(request, _("The text is saved.") if row.is_complete else _("The text is saved. It still has open places."))
    return redirect(channel_pages.page_of(key))


def text_page(
    request: CustomerRequest,
    key: TextKey,
    now_saved: ChannelText | None,
    form: ChannelTextForm,
    *,
    status: int = 200,
    draft: ChannelTextDraft | None = None,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    channel_type = type_of(key)
    context: dict[str, Any] = {
        "section": "channels",
        "channel": key.channel,
        "kind": key.kind,
        "text_language": key.language,
        "languages": [
            {"code": code, "name": name, "url": channel_pages.page_of(key._replace(language=code))} for code, name in settings.LANGUAGES
        ],
        "text": now_saved,
        "form": form,
        "draft": draft,
        "update": services.open_update(key),
        "update_url": channel_pages.update_page_of(key),
        "has_template": composed(key, current_sources(timezone.localdate())) is not None,
        "type_label": channel_type.label(request.LANGUAGE_CODE),
        "preview": preview_of(key, now_saved, form, channel_type),
        "saved_number": now_saved.number if now_saved else 0,
        "replaced": replaced_by(now_saved),
        **(passage_context(key, now_saved) if key.kind == TextKind.PASSAGE else {}),
        **(more or {}),
    }
    if now_saved is not None and now_saved.is_complete:
        handed_out = as_composed(now_saved, current_sources(timezone.localdate()))
        context |= {"handed_out": channel_pages.forms_to_take(key, handed_out), "embed": channel_pages.embed_codes(key, handed_out)}
    return TemplateResponse(request, TEMPLATES[TextKind(key.kind)], context, status=status)


def passage_context(key: TextKey, now_saved: ChannelText | None) -> dict[str, Any]:
    placement = getattr(key.channel, "placement", None)
    initial = {
        "page_url": placement.page_url if placement else key.channel.privacy_url,
        "updates": placement.updates if placement else "pinned",
    }
    why = channel_pages.why_not_reached(placement)
    return {"placement": placement, "placement_form": PlacementForm(initial=initial), "why_not_reached": why}


def preview_of(key: TextKey, now_saved: ChannelText | None, form: ChannelTextForm, channel_type: ChannelType) -> dict[str, Any]:
    """Return the preview of what saving would make; of what was saved while the entry has errors."""
    today = timezone.localdate()
    sources = sources_of(now_saved, today) if now_saved else current_sources(today)
    if form.is_bound and form.is_valid():
        edited = form.edited()
        made = services.outcome(key, now_saved, edited, today)
        wordings, choices, answers = made.wordings, edited.choices, made.answers
    else:
        wordings = stored(now_saved.wordings) if now_saved else []
        choices, answers = form.choices, dict(now_saved.values) if now_saved else {}
    is_templated = now_saved is not None and not now_saved.is_own
    like = composed(key, sources, choices=choices, answers=answers) if is_templated else None
    asked = asked_by(key, sources, choices) if is_templated else []
    return channel_pages.preview(key, wordings, like=like, asked=asked, channel_type=channel_type)


@require_POST
@role_required(*LOOKS_AFTER_CHANNELS)
def preview(request: CustomerRequest, number: int, kind: str) -> HttpResponse:
    """Show what has been typed so far, as it would look when saved; nothing is written."""
    key = key_of(request, number, kind)
    now_saved = latest(key)
    shown = preview_of(key, now_saved, form_of(request, key, now_saved), type_of(key))
    return TemplateResponse(request, "privacy_text/_preview.html", {"preview": shown, "text": now_saved})


@require_POST
@role_required(*LOOKS_AFTER_CHANNELS)
def draft(request: CustomerRequest, number: int, kind: str) -> HttpResponse:
    """Keep what has been typed so far and answer with the words that say so; or throw it away."""
    key = key_of(request, number, kind)
    if "discard" in request.POST:
        services.discard_draft(key=key, by=request.user)
        messages.success(request, _("The draft is discarded."))
        return redirect(channel_pages.page_of(key))
    form = form_of(request, key, latest(key))
    fields = {name: request.POST[name] for name in form.fields if name in request.POST}
    kept = services.keep_draft(key=key, fields=fields, based_on=based_on(request), by=request.user, at=timezone.now())
    words = _("Draft kept at %(time)s") % {"time": timezone.localtime(kept.kept_at).strftime("%H:%M")}
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*LOOKS_AFTER_CHANNELS)
def use_template(request: CustomerRequest, number: int, kind: str) -> HttpResponse:
    """Insert the template; where own words would go, show what changes and ask first."""
    key = key_of(request, number, kind)
    now_saved = latest(key)
    if has_own_words(now_saved) and not (request.method == "POST" and "replace" in request.POST):
        return replace_page(request, key, now_saved)
    if request.method != "POST":
        return redirect(channel_pages.page_of(key))
    try:
        services.use_template(key=key, based_on=based_on(request), by=request.user, at=timezone.now())
    except services.NoTemplate:
        messages.error(request, _("No sample texts are published for this channel yet."))
    except services.SavedMeanwhile:
        messages.error(request, _("Somebody saved this text a moment ago. Look at it before you replace it."))
    else:
        messages.success(request, _("The template is inserted. What stood here before is in the history."))
    return redirect(channel_pages.page_of(key))


def replace_page(request: CustomerRequest, key: TextKey, now_saved: ChannelText | None) -> HttpResponse:
    new = wordings_of(composed(key, current_sources(timezone.localdate())))
    old = stored(now_saved.wordings) if now_saved else []
    context = {
        "section": "channels",
        "channel": key.channel,
        "kind": key.kind,
        "text": now_saved,
        "text_language": key.language,
        "blocks": channel_pages.differences(old, new),
        "back_url": channel_pages.page_of(key),
    }
    return TemplateResponse(request, "privacy_text/channel_replace.html", context)


@require_safe
@role_required(*LOOKS_AFTER_CHANNELS)
def file(request: CustomerRequest, number: int, kind: str, form: str) -> HttpResponse:
    """Hand the saved text out as a file; with open places say what is missing instead."""
    key = key_of(request, number, kind)
    now_saved, now = latest(key), timezone.now()
    if now_saved is None or form not in FORMS:
        raise Http404
    try:
        content = hand_out(composed=as_composed(now_saved, current_sources(timezone.localdate(now))), form=form, at=now)
    except OpenPlaces as still:
        what = "; ".join(each.label for each in still.missing)
        messages.error(request, _("Nothing is handed out while places are open: %(what)s") % {"what": what})
        return redirect(channel_pages.page_of(key))
    answer = HttpResponse(content, content_type=FORMS[form].content_type)
    name = f"{slugify(key.channel.name) or 'text'}-{key.kind.replace('_', '-')}-{key.language}.{FORMS[form].extension}"
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return answer
