"""What the mails about announced changes say: the same for all recipients; each recipient's own dates come with the delivery."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.models import ChannelType
from notifications.links import absolute
from notifications.models import Broadcast
from subprocessors.countries import country_names
from subprocessors.models import AnnouncedChange, Announcement
from subprocessors.transfers import basis_label


def broadcast_of(announcement: Announcement, kind: str, now: datetime.datetime) -> Broadcast:
    is_public = kind.endswith("_public")
    content = {
        language: content_of(announcement, language) | way_on(announcement, language, is_public) for language, _n in settings.LANGUAGES
    }
    broadcast, _is_new = Broadcast.objects.get_or_create(
        key=f"{kind}:{announcement.pk}", defaults={"kind": kind, "content": content, "created_at": now}
    )
    return broadcast


def content_of(announcement: Announcement, language: str) -> dict[str, Any]:
    """Return what is the same for all recipients: each change with the facts that they ask for, and where to read more."""
    with override(language):
        return {
            "reference": announcement.reference,
            "changes": [answers(change, language) for change in announcement.changes.all()],
            "is_information": announcement.is_for_information,
            "is_urgent": announcement.is_urgent,
            "urgency": announcement.urgency(language),
            "planned_start_on": announcement.starts_date.isoformat(),
        }


def way_on(announcement: Announcement, language: str, is_public: bool) -> dict[str, str]:  # noqa: FBT001  # who reads it
    """Return where the mail's button leads: customers to their own notice, everybody else to the public page."""
    view = "updates_announcement" if is_public else "account_notice"
    with override(language):
        label = _("Read more") if is_public else _("Open the notice")
        return {"action_url": absolute(reverse(view, args=[announcement.reference])), "action_label": label}


def answers(change: AnnouncedChange, language: str) -> dict[str, Any]:
    """Return who, for what, which features and channel types, which data, where, on which basis, and for how long."""
    entry = change.entry
    channels = [label for key, label in ChannelType.objects.labels(language).items() if key in entry["channel_types"]]
    places = [*entry["processing_locations"], *entry["remote_access_countries"]]
    basis = [basis_label(entry["transfer_basis"], language), entry["transfer_detail"][language]]
    if entry["fallback_basis"]:
        basis.append(_("otherwise: %(basis)s") % {"basis": basis_label(entry["fallback_basis"], language)})
    return {
        "name": change.legal_name,
        "address": entry["address"],
        "contact": entry["contact"],
        "kind": str(change.get_kind_display()),
        "is_removal": change.kind == AnnouncedChange.Kind.REMOVAL,
        "purpose": entry["purpose"][language],
        "features": change.features(language),
        "channels": ", ".join(channels) or _("all"),
        "data_categories": "; ".join(entry["data_categories"][language]),
        "places": ", ".join(country_names(sorted(set(places)), language)) or _("not stated"),
        "basis": "; ".join(part for part in basis if part),
        "retention": change.retention(language),
    }
