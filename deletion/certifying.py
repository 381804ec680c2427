"""The certificate of an erasure: what went, how that was proven, what stays. It claims nothing that was not counted.

It claims logical deletion: DELETE frees the space and does not overwrite it, and backups end on a day that it names.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

import evidence.services
import pdf
from deletion import letters, signing, stating
from deletion.connectors import stores
from deletion.datasets import STORE, UnknownDataset, find
from deletion.models import CaseFile, ErasureCertificate, ErasureRequest, ErasureStep, RetentionRule
from deletion.retention import rule_of
from deletion.scope import label_of as label_of_model
from deletion.transitions import NotAllowed, move, note
from evidence import canonical, merkle
from pdf.figures import QrCode
from pdf.storage import keep
from publishing.references import new_reference


class NotComplete(Exception):
    """Something was not counted at zero: there is nothing to certify."""


def certify(request: ErasureRequest, *, at: datetime.datetime) -> ErasureCertificate:
    """Issue the certificate, end the request and send it to those who owned the account. Raises NotComplete or NotAllowed.

    A crash before the commit leaves no certificate; the next call makes it anew.
    """
    refuse_incomplete(request)
    letters.note_deliveries(request)
    reference = new_reference("LZ", timezone.localdate(at).year)
    content = stating.content_of(request, reference, at)
    document = canonical.encode(content)
    signed = signing.sign_certificate(document)
    rendered = render(request, content, document, signed, at)
    sha256, pdf_sha256 = hashlib.sha256(document).hexdigest(), keep(rendered.content)
    with transaction.atomic():
        refuse_overtaken(request, content)
        move(request, ErasureRequest.State.COMPLETED, at=at, finished_at=at, plan=None, repeating_since=None)
        event = evidence.services.record(
            kind="deletion.certified",
            facts={"certificate": reference, "sha256": sha256, "pdf_sha256": pdf_sha256, "public_key": signed.public_key},
            subject=request.reference,
            happened_at=at,
        )
        certificate = ErasureCertificate.objects.create(
            reference=reference,
            request=request,
            kind=ErasureCertificate.Kind.CERTIFICATE,
            canonical=document,
            sha256=sha256,
            pdf_sha256=pdf_sha256,
            leaf_hash=merkle.leaf(bytes(event.canonical)).hex(),
            issued_at=at,
            **signed._asdict(),
        )
        note(request, "certificate.issued")
        letters.send_certificate(certificate)
    return certificate


def refuse_incomplete(request: ErasureRequest) -> None:
    """Raise NotComplete unless every step of the plan was counted at zero after it ran."""
    steps = list(request.steps.all())
    verified = all(step.state == ErasureStep.State.VERIFIED and step.residual == 0 and step.verified_at for step in steps)
    if not steps or not verified or request.state != ErasureRequest.State.WAITING:
        raise NotComplete(request.reference)


def refuse_overtaken(request: ErasureRequest, content: dict[str, Any]) -> None:
    """Raise NotAllowed when a subprocessor was told or confirmed while the paper was drawn: it would say that this is open.

    The rows stay locked until the commit: whatever is noted after it finds the certificate and supplements it.
    """
    notices = request.notices.select_for_update().order_by("pk")
    now = sorted((stating.notice_facts(notice) for notice in notices), key=str)
    if now != sorted(content["subprocessors"], key=str):
        raise NotAllowed("a subprocessor was told or confirmed meanwhile")


def render(
    request: ErasureRequest, content: dict[str, Any], document: bytes, signed: signing.Signed, at: datetime.datetime
) -> pdf.Rendered:
    """Return the PDF with the canonical JSON and its signature inside; the same content gives the same bytes."""
    with override(request.language):
        title = _("Certificate of deletion")
        html = render_to_string("pdf/certificate.html", {"title": title, **in_words(request, content, document, at)})
        return drawn(html, f"{title} {content['reference']}", content, document, signed, request.language, at)


def in_words(request: ErasureRequest, content: dict[str, Any], document: bytes, at: datetime.datetime) -> dict[str, Any]:
    """Return the content in the language that is active; the canonical form has codes and English."""
    instruction, export = content["instruction"], content["export"]
    return {
        "content": content,
        "sha256": hashlib.sha256(document).hexdigest(),
        "datasets": [{**row, "label": label_of(row), "method_text": _(row["method"])} for row in content["datasets"]],
        "systems": [_(text) for text in content["systems"]],
        "basis": _(content["basis"]),
        "kept": [in_words_of_rule(row) for row in content["kept"]],
        "way": capfirst(word_for(CaseFile.Source, instruction["way"])),
        "identity": capfirst(identity_in_words(instruction["identity"])),
        "requested_at": request.requested_at,
        "approved_at": parse_datetime(instruction["approved_at"] or ""),
        "started_at": request.started_at,
        "finished_at": at,
        "exported_at": request.export_made_at if export else None,
        "taken_at": request.export_taken_at if export else None,
        "last_backup": day_of(content["backups"]["last_possible_date"]),
        "subprocessors": [{**row, **times_of(row)} for row in content["subprocessors"]],
        "data_return": capfirst(str(ErasureRequest.Return(request.data_return).label)),
    }


def in_words_of_rule(row: dict[str, Any]) -> dict[str, Any]:
    rule = rule_of(row["dataset"])
    days: dict[str, Any] = {name: day_of(row[name]) for name in ("until", "first_until") if name in row}
    return {
        **row,
        **days,
        "label": rule.label,
        "norm": rule.norm,
        "reason": rule.reason,
        "depends_on": _(row["depends_on"]) if "depends_on" in row else "",
    }


def times_of(row: dict[str, Any]) -> dict[str, Any]:
    told, confirmed = (parse_datetime(row[name] or "") for name in ("told_at", "confirmed_at"))
    return {"told_at": told, "confirmed_at": confirmed, "to_confirm_by": day_of(row["to_confirm_by"])}


def word_for(choices: Any, code: str) -> str:
    return str(choices(code).label) if code in choices.values else pgettext("how a request came", "not known")


def identity_in_words(code: str) -> str:
    ours = {"signed_in": _("signed in again"), "token": _("token of an owner"), "clear": CaseFile.Identity.CLEAR.label}
    return str(ours.get(code) or word_for(CaseFile.Proof, code))


def drawn(
    html: str, title: str, content: dict[str, Any], document: bytes, signed: signing.Signed, language: str, at: datetime.datetime
) -> pdf.Rendered:
    """Draw a certificate or a supplement, with what can be checked without the portal attached."""
    signature = signing.signature_file(reference=content["reference"], document=document, signed=signed)
    return pdf.render(
        html=html,
        title=title,
        author=content["issuer"],
        language=language,
        created_at=at,
        figures={"qr": QrCode(address=content["verification"], description=_("QR code that leads to the page on which this is checked"))},
        attachments=[
            pdf.Attachment(name=_("certificate.json"), content=document, description=_("The certificate as data")),
            pdf.Attachment(name=_("certificate.sig"), content=signature, description=_("The signature of the data"), relationship="Data"),
        ],
    )


def day_of(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def label_of(row: dict[str, Any]) -> str:
    """Return the name of a dataset for people."""
    if row["store"] == STORE:
        try:
            return label_of_model(find(row["dataset"]).model)
        except UnknownDataset:  # kept rows whose time was over, or what an earlier version of the portal deleted
            rule = RetentionRule.objects.filter(dataset=row["dataset"]).first()
            return rule.label if rule else str(row["dataset"])
    connector = stores().get(row["store"])
    return _(connector.describe()) if connector else str(row["store"])
