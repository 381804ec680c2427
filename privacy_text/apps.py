from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyTextConfig(AppConfig):
    name = "privacy_text"
    verbose_name = _("Texts")
