"""Addresses of the sample texts."""

from django.urls import path

from privacy_text.views import public

urlpatterns = [
    path("texts/", public.texts, name="texts"),
    path("texts/<slug:key>/", public.channel_type, name="texts_channel_type"),
]
