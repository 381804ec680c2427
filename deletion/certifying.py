"""The certificate of an erasure: what went, how that was proven, what stays. It claims nothing that was not counted.

It claims logical deletion: DELETE frees the space and does not overwrite it, and backups end on a day that it names.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

import evidence.services
import pdf
from customers.models import Provider
from deletion import letters
from deletion.connectors import stores
from deletion.datasets import STORE, UnknownDataset, find
from deletion.models import ErasureCertificate, ErasureRequest, ErasureStep
from deletion.retention import kept_rows, rule_of
from deletion.scope import label_of as label_of_model
from deletion.transitions import move, note
from dpa.models import Acceptance
from evidence import canonical, merkle
from notifications.links import absolute
from pdf.figures import QrCode
from pdf.storage import keep
from publishing.references import new_reference

SCHEMA = "portal/erasure-certificate/v1"
BASIS = gettext_noop("Art. 28(3)(g) GDPR")
# The norms of the rules of retention are data; the paper cites them in its own language.
NORMS = (
    gettext_noop("Art. 17(3)(e) GDPR, §§ 195, 199 BGB, § 257(1) no. 2 and (4) HGB"),
    gettext_noop("Art. 5(2) GDPR, §§ 195, 199 BGB"),
    gettext_noop("§ 257(1) no. 2 and (4) HGB, § 147(1) no. 2 and (3) AO"),
    gettext_noop("§ 147(1) no. 4 and (3) AO, § 257(1) no. 4 and (4) HGB, § 14b UStG"),
    gettext_noop("Art. 12(3) GDPR"),
    gettext_noop("Art. 28(3)(g), Art. 12(3), Art. 17(1) GDPR"),
)


class NotComplete(Exception):
    """Something was not counted at zero: there is nothing to certify."""


def certify(request: ErasureRequest, *, at: datetime.datetime) -> ErasureCertificate:
    """Issue the certificate, end the request and send it to those who owned the account. Raises NotComplete.

    A crash before the commit leaves no certificate; the next call makes it anew.
    """
    refuse_incomplete(request)
    reference = new_reference("LZ", timezone.localdate(at).year)
    content = content_of(request, reference, at)
    document = canonical.encode(content)
    rendered = render(request, content, document, at)
    sha256, pdf_sha256 = hashlib.sha256(document).hexdigest(), keep(rendered.content)
    with transaction.atomic():
        move(request, ErasureRequest.State.COMPLETED, at=at, finished_at=at, plan=None)
        event = evidence.services.record(
            kind="deletion.certified",
            facts={"certificate": reference, "sha256": sha256, "pdf_sha256": pdf_sha256},
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


def content_of(request: ErasureRequest, reference: str, at: datetime.datetime) -> dict[str, Any]:
    """Return what the certificate says: numbers, codes, times, random references; nobody is named in it."""
    assert request.started_at is not None
    agreement = Acceptance.objects.filter(customer_id=request.number).select_related("version").order_by("-accepted_at").first()
    last_backup = timezone.localdate(at) + datetime.timedelta(days=settings.ERASURE_BACKUP_DAYS)
    return {
        "schema": SCHEMA,
        "reference": reference,
        "request": request.reference,
        "account": str(request.customer_reference),
        "agreement": {"reference": agreement.reference, "version": agreement.version.number} if agreement else None,
        "basis": BASIS,
        "instruction": {"by": "owner", "at": utc(request.requested_at), "data_return": request.data_return},
        "started_at": utc(request.started_at),
        "finished_at": utc(at),
        "claim": "logically deleted",
        "plan_sha256": request.plan_sha256,
        "registry_sha256": request.registry_sha256,
        "datasets": [dataset_facts(step) for step in request.steps.all()],
        "verifications": {"per_step": 0, "whole_catalogue": 0, "delayed": 0, "delayed_at": utc(at)},
        "backups": {"last_possible_date": last_backup.isoformat(), "listed_in_separate_ledger": True},
        "subprocessors": [notice_facts(notice) for notice in request.notices.all()],
        "kept": kept_rows(request),
        "not_covered": ["logs of the operating system", "write-ahead log and replicas until they are overwritten"],
        "issuer": issuer(),
        "verification": absolute(reverse("verify_reference", args=[reference])),
    }


def dataset_facts(step: ErasureStep) -> dict[str, Any]:
    assert step.verified_at is not None
    assert step.residual is not None
    return {
        "dataset": step.dataset,
        "store": step.store,
        "method": step.method,
        "deleted": step.deleted,
        "left": step.residual,
        "verified_at": utc(step.verified_at),
    }


def notice_facts(notice: Any) -> dict[str, Any]:
    return {
        "name": notice.subprocessor,
        "told_at": utc(notice.told_at) if notice.told_at else None,
        "confirmed_at": utc(notice.confirmed_at) if notice.confirmed_at else None,
        "to_confirm_by": notice.confirm_by_date.isoformat(),
    }


def issuer() -> str:
    provider = Provider.objects.first()
    return provider.legal_name if provider else settings.EVIDENCE_LOG


def utc(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def render(request: ErasureRequest, content: dict[str, Any], document: bytes, at: datetime.datetime) -> pdf.Rendered:
    """Return the PDF with the canonical JSON inside; the same content gives the same bytes."""
    with override(request.language):
        title = _("Certificate of deletion")
        context = {
            "title": title,
            "content": content,
            "sha256": hashlib.sha256(document).hexdigest(),
            "datasets": [{**row, "label": label_of(row), "method_text": _(row["method"])} for row in content["datasets"]],
            "basis": _(content["basis"]),
            "kept": [
                {**row, "label": rule_of(row["dataset"]).label, "norm": _(row["norm"]), "until": day_of(row["until"])}
                for row in content["kept"]
            ],
            "requested_at": request.requested_at,
            "started_at": request.started_at,
            "finished_at": at,
            "last_backup": day_of(content["backups"]["last_possible_date"]),
            "data_return": ErasureRequest.Return(request.data_return).label,
        }
        html = render_to_string("pdf/certificate.html", context)
        return pdf.render(
            html=html,
            title=f"{title} {content['reference']}",
            author=content["issuer"],
            language=request.language,
            created_at=at,
            figures={
                "qr": QrCode(address=content["verification"], description=_("QR code that leads to the page on which this is checked"))
            },
            attachments=[pdf.Attachment(name=file_name(), content=document, description=_("The certificate as data"))],
        )


def day_of(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def file_name() -> str:
    return _("certificate.json")


def label_of(row: dict[str, Any]) -> str:
    """Return the name of a dataset for people."""
    if row["store"] == STORE:
        try:
            return label_of_model(find(row["dataset"]).model)
        except UnknownDataset:  # an earlier version of the portal deleted it
            return str(row["dataset"])
    connector = stores().get(row["store"])
    return _(connector.describe()) if connector else str(row["store"])
