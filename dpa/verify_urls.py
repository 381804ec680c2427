"""The short addresses that are printed in documents, without a language."""

from django.urls import path

from dpa.views import public

urlpatterns = [
    path("", public.verify, name="verify"),
    path("<str:reference>/", public.verify, name="verify_reference"),
]
