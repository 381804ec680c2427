"""Registers for tests: the sample, small ones made to measure, and their next versions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, TypeVar

from django.utils import timezone

import publishing.services
import subprocessors.services
import toms.services
from customers.models import User
from pdf import storage
from subprocessors import drafting as subprocessor_drafting
from subprocessors.models import Subprocessor, SubprocessorList
from tests.factories import customers
from toms import drafting as measure_drafting
from toms import weakening
from toms.models import MeasureSet

Version = TypeVar("Version", MeasureSet, SubprocessorList)
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)


def editor() -> User:
    return customers.person(is_staff=True)


# --- measures --------------------------------------------------------------------------------------------------------


def control(code: str = "PHYS", letter: str = "b", **fields: Any) -> dict[str, Any]:
    """Return a control with one measure, in the sample's format."""
    measure = {"key": f"{code}-01", "implemented_by": "provider", "text": {"de": f"Maßnahme {code}", "en": f"Measure {code}"}}
    defaults = {
        "code": code,
        "label": {"de": f"Kontrolle {code}", "en": f"Control {code}"},
        "aim": {"de": "Ziel", "en": "Aim"},
        "art32": [letter] if letter else [],
        "iso27001": ["7.1"],
        "sdm": ["confidentiality"],
        "measures": [measure],
    }
    return {**defaults, **fields}


def measures_content(*controls: dict[str, Any]) -> dict[str, Any]:
    """Return a register of one category; without controls, one for each letter of Art. 32(1) GDPR."""
    chosen = controls or [control(letter.upper(), letter) for letter in "abcd"]
    return {"categories": [{"key": "all", "label": {"de": "Alle", "en": "All"}, "controls": list(chosen)}]}


def draft_measures(content: dict[str, Any] | None = None, by: User | None = None) -> MeasureSet:
    draft = MeasureSet.objects.create(created_by=by or editor(), created_at=AT)
    measure_drafting.fill_from(draft, content or measures_content())
    return draft


def plan_measures(draft: MeasureSet, at: datetime = AT, **fields: Any) -> MeasureSet:
    """Classify a draft for the day, with a reason for each measure that goes; its first implemented measure replaces them."""
    promised = next(iter(weakening.implemented(draft)))
    gone = weakening.to_be_justified(MeasureSet.objects.current(), draft)
    statements = [weakening.Statement(measure.key, "No longer needed", promised) for measure in gone]
    usual = {"change_kind": "material", "effective_date": at.date(), "notes": {"de": "Neu", "en": "New"}, "weakenings": statements}
    return toms.services.plan(measure_set=draft, by=draft.created_by, at=at, **{**usual, **fields})


def approve_measures(draft: MeasureSet, at: datetime = AT, by: User | None = None, **fields: Any) -> MeasureSet:
    return toms.services.approve(measure_set=plan_measures(draft, at, **fields), by=by or editor(), at=at)


def printed(approved: Version) -> Version:
    """Keep stand-ins for the PDFs where their bytes do not matter."""
    for language in ("de", "en"):
        content = f"%PDF {language} {approved.number}".encode()
        facts = {"sha256": storage.keep(content), "pages": 7, "size": len(content), "created_at": AT}
        approved.documents.get_or_create(language=language, approved_as=approved.printed_sha256(), defaults=facts)
    return approved


def publish_measures(draft: MeasureSet, at: datetime = AT, **fields: Any) -> MeasureSet:
    """Take a draft through approval by a second person to publication."""
    approved = printed(approve_measures(draft, at, **fields))
    return toms.services.publish(measure_set=approved, by=editor(), at=at)


def published_measures(content: dict[str, Any] | None = None) -> MeasureSet:
    return publish_measures(draft_measures(content))


def sample_measures() -> MeasureSet:
    second = editor()
    sample = toms.services.load_sample(by=editor(), approved_by=second, at=AT)
    return sample if sample.is_frozen else toms.services.publish(measure_set=printed(sample), by=second, at=AT)


# --- subprocessors ---------------------------------------------------------------------------------------------------


def entry(slug: str = "host", **fields: Any) -> dict[str, Any]:
    """Return an entry in the sample's format: a verified company in the EEA."""
    defaults = {
        "slug": slug,
        "legal_name": f"{slug.title()} GmbH",
        "service_name": "",
        "address": "Beispielweg 1, 20095 Hamburg, Germany",
        "seat_country": "DE",
        "contact": "privacy@example.com",
        "service_kind": "other",
        "purpose": {"de": "Hosting der Server", "en": "Hosting of the servers"},
        "delimitation": {"de": "Stellt Server bereit.", "en": "Provides servers."},
        "data_categories": {"de": ["Kennungen", "IP-Adressen"], "en": ["Identifiers", "IP addresses"]},
        "processing_locations": ["DE"],
        "remote_access_countries": [],
        "transfer_basis": "none_eea",
        "transfer_detail": {"de": "", "en": ""},
        "fallback_basis": None,
        "checked_at": None,
        "channel_types": ["web_push"],
        "own_list_url": "",
        "kind": "subprocessor",
        "verification_note": {"de": "intern", "en": "internal"},
        "last_verified": "2026-11-01T12:00:00+00:00",
    }
    return {**defaults, **fields}


def american(slug: str = "network", **fields: Any) -> dict[str, Any]:
    """Return a company in the United States that the Data Privacy Framework lists."""
    place = {"seat_country": "US", "address": "1 Example St, San Francisco, USA", "processing_locations": ["US", "DE"]}
    basis = {"transfer_basis": "dpf", "fallback_basis": "scc", "checked_at": "2026-11-01"}
    return entry(slug, **{**place, **basis, **fields})


def drafted(subprocessor_list: SubprocessorList, content: dict[str, Any]) -> Subprocessor:
    """Return an unsaved row of the list."""
    return subprocessor_drafting.entry_from(subprocessor_list, content, position=0)


def new_entry(subprocessor_list: SubprocessorList, **fields: Any) -> Subprocessor:
    return drafted(subprocessor_list, entry(**fields))


def draft_subprocessors(*entries: dict[str, Any], by: User | None = None) -> SubprocessorList:
    draft = SubprocessorList.objects.create(created_by=by or editor(), created_at=AT)
    subprocessor_drafting.fill_from(draft, {"entries": entries or [entry(), american()]})
    return draft


def publish_subprocessors(draft: SubprocessorList, at: datetime = AT) -> SubprocessorList:
    """Take a draft through approval by a second person to publication."""
    return put_into_force(publishing.services.approve(version=draft, by=editor(), at=at), at)


def put_into_force(approved: SubprocessorList, at: datetime = AT, by: User | None = None) -> SubprocessorList:
    """Publish an approved list on the day, with its PDFs."""
    dated = publishing.services.apply_from(version=approved, effective_date=timezone.localdate(at))
    return subprocessors.services.publish(subprocessor_list=printed(dated), by=by or editor(), at=at)


def published_subprocessors(*entries: dict[str, Any]) -> SubprocessorList:
    return publish_subprocessors(draft_subprocessors(*entries))


def sample_subprocessors() -> SubprocessorList:
    sample = subprocessors.services.load_sample(by=editor(), approved_by=editor(), at=AT)
    return sample if sample.is_frozen else put_into_force(sample)
