"""What the deletion of an account does to the requests that led to it and to cancellations (Art. 17(3)(b) and (e) GDPR)."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_noop as _

from deletion.models import Cancellation, ErasureRequest

ERASES: tuple[type[Model], ...] = ()
KEEPS: dict[type[Model], tuple[str, str, str]] = {
    ErasureRequest: (
        _(
            "Shows that deletion was asked for and until when it was due; afterwards it names company and people by random references at most."
        ),
        _("Art. 5(2) GDPR, §§ 195, 199 BGB"),
        _("three years from the end of the year of the request"),
    ),
    Cancellation: (
        _("A commercial letter that ended or was to end a contract, with the same details beside the ledger."),
        _("§ 257(1) no. 2 and (4) HGB, § 147(1) no. 2 and (3) AO"),
        _("six years from the end of the year of receipt"),
    ),
}
