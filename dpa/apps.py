from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DpaConfig(AppConfig):
    name = "dpa"
    verbose_name = _("Agreement")
