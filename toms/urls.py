"""Addresses of the register of measures."""

from __future__ import annotations

from django.urls import path

from customers.access import staff_page
from publishing.views import Wizard
from toms.views import public, staff
from toms.wizard import REGISTER

urlpatterns = [
    path("tom/", public.register, name="toms"),
    path("tom/measures.pdf", public.pdf_file, name="toms_pdf"),
    path("tom/measures.csv", public.csv_file, name="toms_csv"),
    path("tom/measures.json", public.json_file, name="toms_json"),
    path("tom/versions/", public.versions, name="toms_versions"),
    path("tom/v/<int:number>/", public.version, name="toms_version"),
    path("tom/v/<int:number>/measures.pdf", public.pdf_file, name="toms_version_pdf"),
    path("tom/v/<int:number>/measures.csv", public.csv_file, name="toms_version_csv"),
    path("tom/v/<int:number>/measures.json", public.json_file, name="toms_version_json"),
    path("manage/toms/", staff.overview, name="manage_toms"),
    path("manage/toms/draft/", staff.start_draft, name="manage_toms_draft"),
    path("manage/toms/<int:pk>/", staff.version, name="manage_toms_version"),
    *Wizard(REGISTER, staff_page).paths("manage/toms/"),
]
