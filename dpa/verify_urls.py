"""The short addresses that are printed in documents, without a language."""

from django.urls import path

from dpa.views import public

urlpatterns = [
    path("v/", public.verify, name="verify"),
    path("v/<str:reference>/", public.verify, name="verify_reference"),
]
