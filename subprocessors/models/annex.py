"""What the annex of an agreement and the public page show of a company, in one language."""

from __future__ import annotations

from typing import TypedDict


class AnnexEntry(TypedDict):
    """An entry in one language, as the annex of an agreement shows it."""

    slug: str
    legal_name: str
    service_name: str
    address_lines: list[str]
    seat_country: str
    contact: str
    service_kind: str
    purpose: str
    delimitation: str
    data_categories: str
    processing_locations: str
    remote_access_countries: str
    transfer_basis: str
    transfer_detail: str
    fallback_basis: str
    register_number: str
    contract: str
