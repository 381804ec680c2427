"""What the annex of an agreement and the public page show of a set, in one language."""

from __future__ import annotations

from typing import TypedDict


class AnnexControl(TypedDict):
    """A control in one language, as the annex of an agreement and the public page show it."""

    code: str
    label: str
    aim: str
    art32: str
    iso27001: list[str]
    sdm: list[str]
    provider_measures: list[str]
    subprocessor_measures: list[str]
    is_verified: bool


class AnnexCategory(TypedDict):
    """A heading of the annex with its controls."""

    key: str
    label: str
    controls: list[AnnexControl]
