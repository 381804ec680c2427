"""Addresses of the sample texts."""

from django.urls import path

from customers.access import staff_page
from privacy_text.views import public, staff
from privacy_text.wizard import REGISTER
from publishing.views import Wizard

urlpatterns = [
    path("texts/", public.texts, name="texts"),
    path("texts/versions/", public.versions, name="texts_versions"),
    path("texts/compare/", public.compare, name="texts_compare"),
    path("texts/<slug:key>/", public.channel_type, name="texts_channel_type"),
    path("texts/<slug:key>/<slug:kind>.<slug:form>", public.text_file, name="texts_file"),
    path("manage/templates/", staff.overview, name="manage_templates"),
    path("manage/templates/draft/", staff.start_draft, name="manage_templates_draft"),
    path("manage/templates/<int:pk>/", staff.version, name="manage_templates_version"),
    path("manage/templates/<int:pk>/begin/", staff.begin_type, name="manage_templates_begin_type"),
    path("manage/templates/rows/<slug:kind>/<int:pk>/", staff.edit, name="manage_templates_row"),
    *Wizard(REGISTER, staff_page).paths("manage/templates/"),
]
