"""The operator's deletion concept, to be handed to an auditor."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from customers.access import StaffRequest, staff_page
from deletion import concept


@staff_page("deletion.view_retentionrule")
@require_safe
def pdf(_request: StaffRequest) -> HttpResponse:
    """Draw the concept as it applies today, in the language of the page."""
    made = concept.render(language=get_language() or "de", at=timezone.now())
    name = _("deletion-concept.pdf")
    return HttpResponse(made.content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})
