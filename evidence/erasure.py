"""What the deletion of an account does to the evidence (Art. 17(3)(b) and (e) GDPR)."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_noop as _

from evidence.models import Event, Personal, Place, Seal

PROOF = (
    _("Proof of what was agreed and done; holds no personal data, only hashes and random references."),
    _("Art. 5(2) and Art. 17(3)(e) GDPR"),
    _("as long as claims can be brought"),
)

ERASES: tuple[type[Model], ...] = ()
KEEPS: dict[type[Model], tuple[str, str, str]] = {
    Event: PROOF,
    Place: PROOF,
    Seal: PROOF,
    Personal: (
        _("The same details as in acceptances, agreements on paper and cancellations; they go with the row that they belong to."),
        _("Art. 17(3)(e) GDPR, §§ 195, 199 BGB, § 257(1) no. 2 and (4) HGB"),
        _("as long as the row that they belong to"),
    ),
}
