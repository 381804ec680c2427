"""The WSGI entry point that gunicorn serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance_portal.settings")
django_application = get_wsgi_application()

from compliance_portal.published_bytes import PublishedBytes  # noqa: E402  # it reads the settings
from deletion.replaying import DOOR  # noqa: E402  # models can be imported from here on

DOOR.look()  # a restored backup keeps the portal closed until the erasures since are repeated
application = PublishedBytes(django_application)
