"""Addresses of the sample texts."""

from django.urls import path

from privacy_text.views import public

urlpatterns = [
    path("texts/", public.texts, name="texts"),
    path("texts/versions/", public.versions, name="texts_versions"),
    path("texts/compare/", public.compare, name="texts_compare"),
    path("texts/<slug:key>/", public.channel_type, name="texts_channel_type"),
    path("texts/<slug:key>/<slug:kind>.<slug:form>", public.text_file, name="texts_file"),
]
