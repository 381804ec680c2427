"""What templates may ask for on any page; nothing is read from the database until they do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import get_language

from customers.models import Provider


class Portal:
    """The portal's own facts for the masthead and the foot."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def provider(self) -> Provider | None:
        return Provider.objects.first()

    @property
    def service_name(self) -> str:
        return self.provider.service_name if self.provider else "Compliance Portal"

    @property
    def help_url(self) -> str:
        return self.provider.help_url(get_language() or "de") if self.provider else ""

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Return code and own name of each language that the provider offers."""
        offered = self.provider.languages if self.provider else [code for code, _name in settings.LANGUAGES]
        return [(code, {"de": "Deutsch", "en": "English"}[code]) for code in offered]

    @property
    def origin(self) -> str:
        return str(settings.PORTAL_ORIGIN)


def portal(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``portal`` and ``provider``."""
    facts = Portal(request)
    return {"portal": facts, "provider": SimpleLazyObject(lambda: facts.provider)}
