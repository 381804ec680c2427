"""Addresses of the sample texts."""

from django.urls import path

from privacy_text import views

urlpatterns = [
    path("texts/", views.texts, name="texts"),
    path("texts/<slug:key>/", views.channel_type, name="texts_channel_type"),
]
