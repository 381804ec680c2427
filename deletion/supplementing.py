"""Supplements: what happened to an account's data after its certificate. They point back and change nothing that was certified."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

import evidence.services
import pdf
from deletion import certifying, letters, signing, stating
from deletion.models import ErasureCertificate, ErasureRequest
from deletion.transitions import move, note
from evidence import canonical, merkle
from notifications.links import absolute
from pdf.storage import keep
from publishing.references import new_reference

RETENTION = "retention_expired"
RESTORE = "repeated_after_restore"


class NothingToSupplement(LookupError):
    """The request has no certificate yet."""


def supplement(request: ErasureRequest, *, reason: str, rows: list[dict[str, Any]], at: datetime.datetime) -> ErasureCertificate:
    """Issue a supplement about rows that were deleted and counted at zero, for one of the two reasons. Raises NothingToSupplement.

    Runs in the caller's transaction: the rows go with the paper that says so.
    """
    original = request.certificates.filter(kind=ErasureCertificate.Kind.CERTIFICATE).first()
    if original is None:
        raise NothingToSupplement(request.reference)
    if any(row["left"] != 0 for row in rows):
        raise certifying.NotComplete(request.reference)
    content = content_of(request, original, reason, rows, at)
    document = canonical.encode(content)
    signed = signing.sign_certificate(document)
    sha256, pdf_sha256 = hashlib.sha256(document).hexdigest(), keep(render(request, content, document, signed, at).content)
    facts = {"certificate": content["reference"], "supplements": original.reference, "why": reason, "sha256": sha256}
    with transaction.atomic():
        event = evidence.services.record(
            kind="deletion.supplemented",
            facts={**facts, "public_key": signed.public_key},
            subject=request.reference,
            happened_at=at,
        )
        note(request, "certificate.supplemented", number=sum(row["deleted"] for row in rows))
        return ErasureCertificate.objects.create(
            reference=content["reference"],
            request=request,
            kind=ErasureCertificate.Kind.SUPPLEMENT,
            supplements=original,
            canonical=document,
            sha256=sha256,
            pdf_sha256=pdf_sha256,
            leaf_hash=merkle.leaf(bytes(event.canonical)).hex(),
            issued_at=at,
            **signed._asdict(),
        )


def certify_again(request: ErasureRequest, *, at: datetime.datetime) -> ErasureCertificate:
    """End the repetition of an erasure that was certified before the backup came back. Raises NotComplete."""
    certifying.refuse_incomplete(request)
    rows = [stating.dataset_facts(step) for step in request.steps.all()]
    with transaction.atomic():
        move(request, ErasureRequest.State.COMPLETED, at=at, finished_at=at, plan=None)
        certificate = supplement(request, reason=RESTORE, rows=rows, at=at)
        letters.send_certificate(certificate)
    return certificate


def content_of(
    request: ErasureRequest, original: ErasureCertificate, reason: str, rows: list[dict[str, Any]], at: datetime.datetime
) -> dict[str, Any]:
    reference = new_reference("LZ", timezone.localdate(at).year)
    return {
        "schema": stating.SCHEMA,
        "reference": reference,
        "supplements": {"reference": original.reference, "sha256": original.sha256},
        "reason": reason,
        "request": request.reference,
        "account": str(request.customer_reference),
        "claim": "logically deleted",
        "finished_at": stating.utc(at),
        "datasets": rows,
        "issuer": stating.issuer(),
        "signer": signing.kid_of(signing.public_key()),
        "verification": absolute(reverse("verify_reference", args=[reference])),
    }


def render(
    request: ErasureRequest, content: dict[str, Any], document: bytes, signed: signing.Signed, at: datetime.datetime
) -> pdf.Rendered:
    with override(request.language):
        title = _("Supplement to the certificate of deletion")
        context = {
            "title": title,
            "content": content,
            "is_restore": content["reason"] == RESTORE,
            "finished_at": at,
            "sha256": hashlib.sha256(document).hexdigest(),
            "datasets": [{**row, "label": certifying.label_of(row), "method_text": _(row["method"])} for row in content["datasets"]],
        }
        html = render_to_string("pdf/supplement.html", context)
        return certifying.drawn(html, f"{title} {content['reference']}", content, document, signed, request.language, at)
