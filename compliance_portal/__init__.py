"""The roof: settings, addresses, the API's assembly and the trust home. Nothing imports it."""

from compliance_portal.celery import app as celery_app

__all__ = ["celery_app"]
