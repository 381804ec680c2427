"""The provider's staff: five groups, and which permissions each holds."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from django.contrib.auth.models import Group, Permission
from django.db import transaction

TEXTS = ("dpa", "toms", "subprocessors", "privacy_text")
CASES = ("deletion", "subscriptions")
RECORDS = ("customers", "notifications", "jobs", "evidence")


def _grants(apps: Iterable[str], verbs: str) -> tuple[str, ...]:
    return tuple(f"{app}.{verb}_*" for app in apps for verb in verbs.split())


GROUPS: dict[str, tuple[str, ...]] = {
    # writes texts; who writes does not approve
    "editor": (*_grants(TEXTS, "view add change"), *(f"customers.{verb}_channeltype" for verb in ("view", "add", "change"))),
    "approver": _grants(TEXTS, "view approve publish announce"),
    # works the queue of requests; a second person approves
    "support": _grants(CASES, "view add change verify run retry reject extend find cancel")
    + _grants(("customers", "notifications"), "view"),
    "legal": _grants((*TEXTS, *CASES, *RECORDS), "view") + _grants(("dpa", "subprocessors"), "decide record export"),
    "admin": _grants((*TEXTS, *CASES, *RECORDS), "view")
    + _grants(("customers",), "add change")
    + _grants(("jobs", "notifications"), "change replay")
    + _grants(CASES, "approve"),
}
"""Patterns of permissions. No group may delete: rows end through services that leave evidence."""


@transaction.atomic
def create_staff_groups() -> None:
    """Create the groups and give each exactly the permissions that its patterns match; safe to run after every migration."""
    permissions = list(Permission.objects.select_related("content_type"))
    for name, patterns in GROUPS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set([permission for permission in permissions if _matches(permission, patterns)])


def _matches(permission: Permission, patterns: Iterable[str]) -> bool:
    name = f"{permission.content_type.app_label}.{permission.codename}"
    return any(fnmatchcase(name, pattern) for pattern in patterns)
