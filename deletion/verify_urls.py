"""The short addresses of certificates of deletion, printed without a language."""

from django.urls import re_path

from deletion.views import verification

urlpatterns = [re_path(r"^(?P<reference>LZ-[0-9A-Za-z-]{1,30})/$", verification.certificate, name="verify_certificate")]
