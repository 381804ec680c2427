"""The WSGI entry point that gunicorn serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance_portal.settings")
django_application = get_wsgi_application()

from compliance_portal.published_bytes import PublishedBytes  # noqa: E402  # it reads the settings

application = PublishedBytes(django_application)
