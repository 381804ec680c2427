from django.apps import AppConfig


class CompliancePortalConfig(AppConfig):
    name = "compliance_portal"
