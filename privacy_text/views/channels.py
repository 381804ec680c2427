"""A company's channels: the list, a new one, settings, switching on and off, removal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import customers.services
from customers.access import CustomerRequest, role_required
from customers.models import Channel, ChannelType, Role
from privacy_text import channel_pages, services
from privacy_text.channel_forms import ChannelForm
from privacy_text.models import TextKind
from privacy_text.reading import TextKey

LOOKS_AFTER_CHANNELS = (Role.CHANNEL_OWNER, Role.OWNER)
OPT_IN_OF_NEW = (TextKind.OPT_IN, TextKind.PASSAGE)


def channel_of(request: CustomerRequest, number: int) -> Channel:
    """Return the company's own channel in use, or answer 404."""
    return get_object_or_404(request.customer.channels.kept().select_related("customer"), pk=number)


@require_safe
@role_required(*LOOKS_AFTER_CHANNELS)
def channels(request: CustomerRequest) -> HttpResponse:
    context = {"section": "channels", "customer": request.customer, **channel_pages.channel_list(request.customer, request.LANGUAGE_CODE)}
    return TemplateResponse(request, "privacy_text/channels.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*LOOKS_AFTER_CHANNELS)
def new(request: CustomerRequest) -> HttpResponse:
    """Make a channel; whoever wants it begins with the sample text, and nobody is taken to want it."""
    form = ChannelForm(request.POST or None, types=list(ChannelType.objects.all()), language=request.LANGUAGE_CODE)
    if request.method == "POST" and form.is_valid():
        try:
            channel = customers.services.create_channel(
                customer=request.customer,
                channel_type=form.cleaned_data["channel_type"],
                details=form.details(),
                by=request.user,
                at=timezone.now(),
            )
        except customers.services.NameTaken:
            form.add_error("name", _("Another channel of your company has this name"))
        else:
            return begin(request, channel, with_template=form.cleaned_data["with_template"])
    context = {"section": "channels", "form": form}
    return TemplateResponse(request, "privacy_text/channel_new.html", context, status=422 if form.errors else 200)


def begin(request: CustomerRequest, channel: Channel, *, with_template: bool) -> HttpResponse:
    """Lead to the new channel, or to its texts when they were inserted."""
    if not with_template:
        messages.success(request, _("The channel is made. It is not active yet."))
        return redirect("channel", channel.pk)
    try:
        for kind in OPT_IN_OF_NEW:
            key = TextKey(channel, kind, request.LANGUAGE_CODE)
            services.use_template(key=key, based_on=0, by=request.user, at=timezone.now())
    except services.NoTemplate:
        messages.warning(request, _("The channel is made. No sample texts are published for it yet."))
        return redirect("channel", channel.pk)
    messages.success(request, _("The channel is made, and the sample text is inserted. Now fill in what is open."))
    return redirect(channel_pages.page_of(TextKey(channel, TextKind.OPT_IN, request.LANGUAGE_CODE)))


@require_safe
@role_required(*LOOKS_AFTER_CHANNELS)
def channel(request: CustomerRequest, number: int) -> HttpResponse:
    """The settings at a glance; of a removed channel, what is still to be done."""
    chosen = get_object_or_404(request.customer.channels.select_related("customer", "placement"), pk=number)
    channel_type = ChannelType.objects.filter(key=chosen.channel_type).first()
    context = {
        "section": "channels",
        "channel": chosen,
        "type_label": channel_type.label(request.LANGUAGE_CODE) if channel_type else chosen.channel_type,
        "availability": channel_type.availability(request.LANGUAGE_CODE) if channel_type else "",
        "texts": channel_pages.overview(chosen),
        "placement": getattr(chosen, "placement", None),
        "may_activate": chosen.may_be_activated(timezone.now()),
    }
    template = "privacy_text/channel_removed.html" if chosen.removed_at else "privacy_text/channel.html"
    return TemplateResponse(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*LOOKS_AFTER_CHANNELS)
def settings(request: CustomerRequest, number: int) -> HttpResponse:
    """Change name and addresses."""
    chosen = channel_of(request, number)
    form = ChannelForm(request.POST or None, initial={name: getattr(chosen, name) for name in ("name", "address", "privacy_url")})
    if request.method == "POST" and form.is_valid():
        try:
            customers.services.change_channel(channel=chosen, details=form.details(), by=request.user, at=timezone.now())
        except customers.services.NameTaken:
            form.add_error("name", _("Another channel of your company has this name"))
        else:
            messages.success(request, _("The channel is saved."))
            return redirect("channel", chosen.pk)
    context = {"section": "channels", "channel": chosen, "form": form}
    return TemplateResponse(request, "privacy_text/channel_settings.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(*LOOKS_AFTER_CHANNELS)
def activate(request: CustomerRequest, number: int) -> HttpResponse:
    chosen = channel_of(request, number)
    try:
        customers.services.activate_channel(channel=chosen, by=request.user, at=timezone.now())
    except customers.services.AgreementMissing:
        messages.error(request, _("A channel can be activated when the agreement is accepted."))
    else:
        messages.success(request, _("The channel is active."))
    return redirect("channel", chosen.pk)


@require_POST
@role_required(*LOOKS_AFTER_CHANNELS)
def deactivate(request: CustomerRequest, number: int) -> HttpResponse:
    chosen = channel_of(request, number)
    customers.services.deactivate_channel(channel=chosen, by=request.user, at=timezone.now())
    messages.success(request, _("The channel is no longer active."))
    return redirect("channel", chosen.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*LOOKS_AFTER_CHANNELS)
def remove(request: CustomerRequest, number: int) -> HttpResponse:
    """Ask, then take the channel out of use for good."""
    chosen = channel_of(request, number)
    if request.method == "POST":
        services.remove_channel(channel=chosen, by=request.user, at=timezone.now())
        messages.success(request, _("The channel is removed."))
        return redirect("channel", chosen.pk)
    return TemplateResponse(request, "privacy_text/channel_remove.html", {"section": "channels", "channel": chosen})


@require_POST
@role_required(*LOOKS_AFTER_CHANNELS)
def taken_out(request: CustomerRequest, number: int) -> HttpResponse:
    """Note that the passage of a removed channel no longer stands on a page."""
    chosen = get_object_or_404(request.customer.channels.filter(removed_at__isnull=False), pk=number)
    services.note_taken_out(channel=chosen, by=request.user, at=timezone.now())
    messages.success(request, _("Noted: the passage is taken out."))
    return redirect("channels")
