"""Addresses of embedded passages, without a language: they stand in other people's pages."""

from django.urls import path

from privacy_text.views import embed

urlpatterns = [path("<uuid:public_id>.<slug:form>", embed.embed, name="embed")]
