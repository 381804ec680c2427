"""What the deletion of an account does to the jobs."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_noop as _

from jobs.models import Job

ERASES: tuple[type[Model], ...] = ()
KEEPS: dict[type[Model], tuple[str, str, str]] = {
    Job: (
        _("Shows that each commissioned piece of work was done once; names rows by reference and holds no personal data."),
        _("Art. 5(2) GDPR"),
        _("as long as the portal is in use"),
    )
}
