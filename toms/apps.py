from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TomsConfig(AppConfig):
    name = "toms"
    verbose_name = _("Measures")
