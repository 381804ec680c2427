"""Keep a text right: updates of the template, history, the page on which the passage stands."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.access import CustomerRequest, role_required
from notifications.fetching import AddressRefused
from privacy_text import channel_pages, services
from privacy_text.channel_forms import PlacementForm
from privacy_text.merging import Side, Step, is_update
from privacy_text.models import ChannelText, TextKind
from privacy_text.reading import TextKey, composed, current_sources, latest, steps_between, stored, wordings_of
from privacy_text.views.channels import LOOKS_AFTER_CHANNELS, channel_of
from privacy_text.views.texts import based_on, key_of


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*LOOKS_AFTER_CHANNELS)
def update(request: CustomerRequest, number: int, kind: str) -> HttpResponse:
    """Show paragraph by paragraph what changed, and take over what is decided."""
    key = key_of(request, number, kind)
    text = latest(key)
    now = composed(key, current_sources(timezone.localdate()))
    if text is None or text.is_own or now is None:
        return redirect(channel_pages.page_of(key))
    steps, word = steps_between(text, now), services.update_word(wordings_of(now))
    if request.method == "POST":
        return take_over(request, key, steps)
    context = {
        "section": "channels",
        "channel": key.channel,
        "kind": kind,
        "text": text,
        "text_language": key.language,
        "rows": channel_pages.step_rows(steps, key),
        "is_update": is_update(steps),
        "conflicts": sum(step.is_conflict for step in steps),
        "changes": sum(step.state == "template" for step in steps),
        "shown": word,
        "number": now.number,
        "update": services.open_update(key),
        "back_url": channel_pages.page_of(key),
    }
    return TemplateResponse(request, "privacy_text/channel_update.html", context)


def take_over(request: CustomerRequest, key: TextKey, steps: list[Step]) -> HttpResponse:
    shown, number = request.POST.get("shown", ""), based_on(request)
    try:
        row = services.decide(key=key, sides=sides_of(request, steps), shown=shown, based_on=number, by=request.user, at=timezone.now())
    except (services.SavedMeanwhile, services.TemplateChangedMeanwhile):
        messages.error(request, _("The text or the template changed a moment ago. Look at the changes again."))
        return redirect(channel_pages.update_page_of(key))
    if services.open_update(key):
        messages.success(request, _("Taken over. Where you wrote your own words, they still stand; decide on these paragraphs."))
        return redirect(channel_pages.update_page_of(key))
    messages.success(request, _("The update is decided. Your earlier text is in the history."))
    if not row.is_complete:
        messages.warning(request, _("The new text asks something that is still open."))
    return redirect(channel_pages.page_of(key))


def sides_of(request: CustomerRequest, steps: list[Step]) -> dict[str, Side]:
    """Return the decision per paragraph; with "everything without conflict" those with a conflict stay undecided."""
    if "without_conflict" in request.POST:
        return {step.key: step.usual_side for step in steps if not step.is_conflict}
    given = {step.key: request.POST.get(f"side_{step.key}", "") for step in steps}
    return {key: Side(value) for key, value in given.items() if value in list(Side)}


@require_safe
@role_required(*LOOKS_AFTER_CHANNELS)
def history(request: CustomerRequest, number: int) -> HttpResponse:
    """List who changed what and when, newest first."""
    chosen = get_object_or_404(request.customer.channels, pk=number)
    rows = ChannelText.objects.filter(channel=chosen).select_related("saved_by", "sample_text").order_by("-saved_at", "-pk")
    newest = {(row.kind, row.language): row.number for row in reversed(rows)}
    entries = [{"text": row, "is_latest": newest[row.kind, row.language] == row.number} for row in rows]
    context = {"section": "channels", "channel": chosen, "entries": entries}
    return TemplateResponse(request, "privacy_text/channel_history.html", context)


@require_safe
@role_required(*LOOKS_AFTER_CHANNELS)
def state(request: CustomerRequest, number: int, pk: int) -> HttpResponse:
    """Show one saved state, and what it changed against the one before."""
    chosen = get_object_or_404(request.customer.channels, pk=number)
    row = get_object_or_404(ChannelText.objects.select_related("channel", "saved_by", "sample_text"), pk=pk, channel=chosen)
    siblings = ChannelText.objects.filter(channel=chosen, kind=row.kind, language=row.language)
    before = siblings.filter(number__lt=row.number).order_by("-number").first()
    newest = siblings.order_by("-number").first()
    context: dict[str, Any] = {
        "section": "channels",
        "channel": chosen,
        "text": row,
        "wordings": stored(row.wordings),
        "blocks": channel_pages.differences(stored(before.wordings), stored(row.wordings)) if before else [],
        "before": before,
        "newest": newest,
        "is_latest": newest == row,
    }
    return TemplateResponse(request, "privacy_text/channel_state.html", context)


@require_POST
@role_required(*LOOKS_AFTER_CHANNELS)
def restore(request: CustomerRequest, number: int, pk: int) -> HttpResponse:
    """Make an earlier state the latest one again, as a new row."""
    chosen = channel_of(request, number)
    row = get_object_or_404(ChannelText.objects.select_related("sample_text"), pk=pk, channel=chosen)
    row.channel = chosen
    try:
        services.restore_text(text=row, based_on=based_on(request), by=request.user, at=timezone.now())
    except services.SavedMeanwhile:
        messages.error(request, _("Somebody saved this text a moment ago. Look at it before you replace it."))
        return redirect("channel_history", chosen.pk)
    messages.success(request, _("The earlier text is restored. What stood here before is in the history."))
    return redirect(channel_pages.page_of(TextKey(chosen, row.kind, row.language)))


# --- where the passage stands -------------------------------------------------------------------------------------------


@require_POST
@role_required(*LOOKS_AFTER_CHANNELS)
def place(request: CustomerRequest, number: int) -> HttpResponse:
    """Note where the passage stands and how updates arrive."""
    key = key_of(request, number, TextKind.PASSAGE)
    form = PlacementForm(request.POST)
    back = redirect(channel_pages.page_of(key) + "#place")
    if not form.is_valid():
        messages.error(request, _("Enter the complete address, beginning with https://"))
        return back
    try:
        services.place(channel=key.channel, by=request.user, at=timezone.now(), **form.cleaned_data)
    except AddressRefused as refusal:
        messages.error(request, refused_words(refusal.reason))
    else:
        messages.success(request, _("Saved."))
    return back


def refused_words(reason: str) -> str:
    if reason in ("scheme", "port", "credentials"):
        return _("Enter a public address that begins with https://, without a port and without a password")
    return _("This address is not a public page on the internet")


@require_POST
@role_required(*LOOKS_AFTER_CHANNELS)
def check(request: CustomerRequest, number: int) -> HttpResponse:
    """Have the page looked at."""
    key = key_of(request, number, TextKind.PASSAGE)
    try:
        services.ask_for_check(channel=key.channel, at=timezone.now())
    except services.NoPage:
        messages.error(request, _("Enter the page first, then we can look at it."))
    except services.CheckedTooOften:
        messages.error(request, _("The page was looked at a moment ago. Try again in a minute."))
    else:
        messages.success(request, _("We are looking at the page. The result will stand here in a moment."))
    return redirect(channel_pages.page_of(key) + "#place")
