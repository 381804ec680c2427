"""Supplements: what happened to an account's data after its certificate. They point back and change nothing that was certified."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

import evidence.services
import pdf
from deletion import certifying, inspecting, letters, signing, stating
from deletion.models import ErasureCertificate, ErasureRequest, SubprocessorNotice
from deletion.transitions import move, note
from evidence import canonical, merkle
from notifications.links import absolute
from pdf.storage import keep
from publishing.references import new_reference

RETENTION, RESTORE, CONFIRMED = (str(reason) for reason in ErasureCertificate.Reason)
OF_SUBPROCESSORS = gettext_noop("Art. 28(4) GDPR")


class NothingToSupplement(LookupError):
    """The request has no certificate yet."""


def supplement(request: ErasureRequest, *, reason: str, rows: list[dict[str, Any]], at: datetime.datetime) -> ErasureCertificate:
    """Issue a supplement about rows that were deleted and counted at zero: RETENTION or RESTORE. Raises NothingToSupplement.

    Runs in the caller's transaction: the rows go with the paper that says so.
    """
    original = original_of(request)
    if original is None:
        raise NothingToSupplement(request.reference)
    if any(row["left"] != 0 for row in rows):
        raise certifying.NotComplete(request.reference)
    said = {"claim": "logically deleted", "finished_at": stating.utc(at), "datasets": rows}
    return issue(request, original, {"reason": reason, **said}, at=at, number=sum(row["deleted"] for row in rows))


def say_confirmed(notice: SubprocessorNotice, *, at: datetime.datetime) -> ErasureCertificate | None:
    """Issue and send a supplement about a confirmation that came after the certificate; None where there is nothing to supplement.

    Each confirmation has its own, also several in a row: a paper that waited for the last would keep the first from the customer.
    Before the certificate there is none, since the certificate says it, and one that was said is not said again. It goes to
    whoever got the certificate, as long as the address is kept. Runs in the transaction that notes the confirmation.
    """
    request = notice.request
    original = original_of(request)
    if original is None or is_said(notice):
        return None
    content = {"reason": CONFIRMED, "issued_at": stating.utc(at), **confirmation_of(notice)}
    made = issue(request, original, content, at=at)
    if not letters.send_supplement(made, at=at):
        note(request, "supplement.not_sent")
    return made


def original_of(request: ErasureRequest) -> ErasureCertificate | None:
    return request.certificates.filter(kind=ErasureCertificate.Kind.CERTIFICATE).first()


def is_said(notice: SubprocessorNotice) -> bool:
    """Say whether a supplement says it already: a restored backup may have lost the note and got the paper back from the ledger."""
    papers = notice.request.certificates.filter(kind=ErasureCertificate.Kind.SUPPLEMENT)
    said = [(inspecting.parsed(bytes(paper.canonical)) or {}).get("subprocessor", {}) for paper in papers]
    return any((row.get("entry"), row.get("told_at")) == (notice.slug, utc_or_none(notice.told_at)) for row in said)


def confirmation_of(notice: SubprocessorNotice) -> dict[str, Any]:
    """Return what is known of a confirmation: that it came, when it was noted, under which hash. Nobody counted at the subprocessor's."""
    all_notices = notice.request.notices
    named, still_open = all_notices.count(), all_notices.filter(confirmed_at=None).count()
    return {
        "claim": "confirmed by the subprocessor",
        "basis": OF_SUBPROCESSORS,
        "subprocessor": {
            "entry": notice.slug,
            "name": notice.subprocessor,
            "told_at": utc_or_none(notice.told_at),
            "confirmed_at": utc_or_none(notice.confirmed_at),
            "proof_sha256": notice.proof_sha256,
        },
        "confirmations": {"named": named, "confirmed": named - still_open, "open": still_open},
    }


def utc_or_none(moment: datetime.datetime | None) -> str | None:
    return stating.utc(moment) if moment else None


def issue(
    request: ErasureRequest, original: ErasureCertificate, said: dict[str, Any], *, at: datetime.datetime, number: int | None = None
) -> ErasureCertificate:
    """Sign, draw and record a supplement that says this; ``number`` is what the timeline counts."""
    content = {**content_of(request, original, at), **said}
    document = canonical.encode(content)
    signed = signing.sign_certificate(document)
    sha256, pdf_sha256 = hashlib.sha256(document).hexdigest(), keep(render(request, content, document, signed, at).content)
    facts = {"certificate": content["reference"], "supplements": original.reference, "why": content["reason"], "sha256": sha256}
    with transaction.atomic():
        event = evidence.services.record(
            kind="deletion.supplemented",
            facts={**facts, "public_key": signed.public_key},
            subject=request.reference,
            happened_at=at,
        )
        note(request, "certificate.supplemented", number=number)
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
        move(request, ErasureRequest.State.COMPLETED, at=at, finished_at=at, plan=None, repeating_since=None)
        made = supplement(request, reason=RESTORE, rows=rows, at=at)
        letters.send_repeated(made)
    return made


def content_of(request: ErasureRequest, original: ErasureCertificate, at: datetime.datetime) -> dict[str, Any]:
    """Return what every supplement says, whatever its reason."""
    reference = new_reference("LZ", timezone.localdate(at).year)
    return {
        "schema": stating.SCHEMA,
        "reference": reference,
        "supplements": {"reference": original.reference, "sha256": original.sha256},
        "request": request.reference,
        "account": str(request.customer_reference),
        "issuer": stating.issuer(),
        "signer": signing.kid_of(signing.public_key()),
        "verification": absolute(reverse("verify_reference", args=[reference])),
    }


def render(
    request: ErasureRequest, content: dict[str, Any], document: bytes, signed: signing.Signed, at: datetime.datetime
) -> pdf.Rendered:
    with override(request.language):
        title = _("Supplement to the certificate of deletion")
        context = {"title": title, **in_words(content, at), "sha256": hashlib.sha256(document).hexdigest()}
        html = render_to_string("pdf/supplement.html", context)
        return certifying.drawn(html, f"{title} {content['reference']}", content, document, signed, request.language, at)


def in_words(content: dict[str, Any], at: datetime.datetime) -> dict[str, Any]:
    """Return the content in the language that is active; the canonical form has codes and English."""
    rows, confirmed = content.get("datasets", []), content.get("subprocessor")
    return {
        "content": content,
        "is_restore": content["reason"] == RESTORE,
        "finished_at": at,
        "datasets": [{**row, "label": certifying.label_of(row), "method_text": _(row["method"])} for row in rows],
        "basis": _(content["basis"]) if confirmed else "",
        "confirmed": confirmed and {**confirmed, **{name: parse_datetime(confirmed[name]) for name in ("told_at", "confirmed_at")}},
    }
