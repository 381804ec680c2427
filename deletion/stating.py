"""What a certificate of deletion says: numbers, codes, times and random references. Nobody is named in it, and nothing repeats what went."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from customers.models import Provider
from deletion import letters, signing
from deletion.connectors import stores
from deletion.datasets import STORE, UnknownDataset, find
from deletion.exporting import FORMAT
from deletion.models import CaseFile, ErasureRequest, ErasureStep, SubprocessorNotice
from deletion.retention import kept_rows
from dpa.models import Acceptance, PaperAgreement
from notifications.links import absolute

SCHEMA = "portal/erasure-certificate/v2"
BASIS = gettext_noop("Art. 28(3)(g) GDPR")
DATABASE = gettext_noop("Database: rows deleted, each kind counted at zero")
OTHER_SYSTEMS = (
    gettext_noop("Cache: holds counters and answers that end by themselves within an hour"),
    gettext_noop("Queues: messages carry numbers and random references alone"),
    gettext_noop("Search: no search index of its own is in use"),
    gettext_noop("Analysis: counts of shown and clicked messages are rows of the database and went with it"),
    gettext_noop("Logs of the portal: hold codes and random references, none of the deleted content"),
)
"""Systems from which nothing is deleted, each with the reason; what is said here is looked at by the canary tests."""
NOT_COVERED = ("logs of the operating system", "write-ahead log and replicas until they are overwritten")
KNOWN_BY: dict[str, str] = {CaseFile.Source.OWNER: "signed_in", CaseFile.Source.API: "token"}
"""Ways on which the sender was known already; on the others it says how a doubt was removed, or that there was none."""


def content_of(request: ErasureRequest, reference: str, at: datetime.datetime) -> dict[str, Any]:
    """Return the content of the certificate (domain: number, instruction, scope, systems, proof, backups, what stays)."""
    assert request.started_at is not None
    kept = kept_rows(request, at)
    return {
        "schema": SCHEMA,
        "reference": reference,
        "request": request.reference,
        "account": str(request.customer_reference),
        "agreement": agreement_of(request),
        "basis": BASIS,
        "instruction": instruction_of(request),
        "export": export_of(request),
        "result": "complete_with_retention" if kept else "complete",
        "started_at": utc(request.started_at),
        "finished_at": utc(at),
        "claim": "logically deleted",
        "plan_sha256": request.plan_sha256,
        "registry_sha256": request.registry_sha256,
        "systems": systems_of(request),
        "datasets": [dataset_facts(step) for step in request.steps.all()],
        "verifications": {"per_step": 0, "whole_catalogue": 0, "delayed": 0, "delayed_at": utc(at)},
        "backups": backups_of(request, at),
        "subprocessors": [notice_facts(notice) for notice in request.notices.all()],
        "kept": kept,
        "not_covered": list(NOT_COVERED),
        "issuer": issuer(),
        "signer": signing.kid_of(signing.public_key()),
        "verification": absolute(reverse("verify_reference", args=[reference])),
    }


def agreement_of(request: ErasureRequest) -> dict[str, str | None] | None:
    """Return the agreement under which the data were processed: the latest accepted one, else the one on paper."""
    accepted = Acceptance.objects.filter(customer_id=request.number).select_related("version").order_by("-accepted_at").first()
    if accepted is not None:
        return {"reference": accepted.reference, "version": accepted.version.number}
    paper = PaperAgreement.objects.filter(customer_id=request.number).order_by("-signed_date").first()
    return {"reference": paper.reference, "version": None} if paper is not None else None


def instruction_of(request: ErasureRequest) -> dict[str, str | None]:
    """Return on which way the instruction came, how its sender was known, who approved it when, and what was chosen about a return.

    A request that was made anew from the ledger after a restored backup has no file on the desk; then the way is unknown.
    """
    case = CaseFile.objects.filter(erasure=request).first()
    source = case.source if case is not None else "unknown"
    known_by = (case.proof if case is not None else "") or KNOWN_BY.get(source, "clear" if case is not None else "unknown")
    approved_at = case.approved_at if case is not None else None
    return {
        "way": source,
        "identity": known_by,
        "at": utc(request.requested_at),
        "approved_at": utc(approved_at) if approved_at else None,
        "data_return": request.data_return,
    }


def export_of(request: ErasureRequest) -> dict[str, Any] | None:
    """Return when the data were made into an export, in which format, under which hash, and whether it was fetched; None without one."""
    if request.export_made_at is None:
        return None
    taken = request.export_taken_at
    return {
        "made_at": utc(request.export_made_at),
        "format": FORMAT,
        "sha256": request.export_sha256,
        "downloaded": taken is not None,
        "downloaded_at": utc(taken) if taken else None,
    }


def systems_of(request: ErasureRequest) -> list[str]:
    """Return every system that could hold data of the account and what became of them there, in English."""
    others = (step for step in request.steps.all() if step.store != STORE)
    connected = [describe(step.store) for step in others]
    return [DATABASE, *connected, *OTHER_SYSTEMS]


def describe(store: str) -> str:
    connector = stores().get(store)
    return connector.describe() if connector else store


def backups_of(request: ErasureRequest, at: datetime.datetime) -> dict[str, Any]:
    last = timezone.localdate(at) + datetime.timedelta(days=settings.ERASURE_BACKUP_DAYS)
    return {"last_possible_date": last.isoformat(), "listed_in_separate_ledger": True, "ledger_entry": request.reference}


def dataset_facts(step: ErasureStep) -> dict[str, Any]:
    assert step.verified_at is not None
    assert step.residual is not None
    return {
        "dataset": step.dataset,
        "store": step.store,
        "method": step.method,
        "deleted": step.deleted,
        "left": step.residual,
        "query_sha256": query_sha256(step),
        "verified_at": utc(step.verified_at),
    }


def query_sha256(step: ErasureStep) -> str | None:
    """Return the hash of the predicate by which the rows were deleted and counted; None for another store, or one no longer known."""
    if step.store != STORE:
        return None
    try:
        return hashlib.sha256(find(step.dataset).where.encode()).hexdigest()
    except UnknownDataset:
        return None


def notice_facts(notice: SubprocessorNotice) -> dict[str, Any]:
    unreached = {"not_reached": True} if letters.is_unreached(notice) else {}
    return {
        **unreached,
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
