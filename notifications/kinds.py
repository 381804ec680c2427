"""What each kind of mail is called where staff read of it; the kind itself names the templates."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Any] = {
    "agreement_accepted": _("Agreement accepted"),
    "agreement_forwarded": _("Agreement forwarded for acceptance"),
    "agreement_new_version": _("New version of the agreement"),
    "agreement_reminder": _("Reminder: agreement not accepted"),
    "approval_wanted": _("Approval wanted"),
    "cancellation_for_staff": _("Contract cancellation, to our staff"),
    "cancellation_received": _("Contract cancellation received"),
    "case_letter": _("Letter about a request"),
    "channel_removed": _("Channel removed"),
    "channel_texts_changed": _("Sample for channel texts changed"),
    "deletion_alarm": _("Alarm about a deletion, to our staff"),
    "deletion_completed": _("Certificate of deletion"),
    "deletion_for_staff": _("Deletion request, to our staff"),
    "deletion_for_subprocessor": _("Deletion, to a subprocessor"),
    "deletion_reminder": _("Reminder: deletion about to begin"),
    "deletion_requested": _("Deletion of the account requested"),
    "deletion_started": _("Deletion of the account begun"),
    "deletion_withdrawn": _("Deletion of the account withdrawn"),
    "measure_review": _("Measure to be reviewed"),
    "objection_answered": _("Objection answered"),
    "objection_closed": _("Objection closed"),
    "objection_for_staff": _("Objection, to our staff"),
    "objection_received": _("Objection received"),
    "subprocessors_announced": _("Change of subprocessors announced"),
    "subprocessors_announced_public": _("Change of subprocessors announced, to subscribers"),
    "subprocessors_reminder": _("Reminder: change of subprocessors"),
    "subprocessors_withdrawn": _("Change of subprocessors withdrawn"),
    "subprocessors_withdrawn_public": _("Change of subprocessors withdrawn, to subscribers"),
    "updates_confirm": _("Confirm the subscription to updates"),
    "updates_known": _("Already subscribed to updates"),
    "updates_published": _("New version published, to subscribers"),
}


def name_of(kind: str) -> str:
    """Return the name of a kind, or the kind itself where it is one that the portal no longer sends."""
    return str(NAMES.get(kind, kind))
